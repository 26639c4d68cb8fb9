import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { useLive } from '../api/live.ts'
import { Action } from '../part/action.tsx'
import { Screen } from '../part/screen.tsx'
import { Told } from '../part/told.tsx'
import { parameters, setParameters } from '../route.ts'
import { announce } from './announce.ts'
import { Awaited } from './awaited.tsx'
import { Cost } from './cost.tsx'
import { type Change, DryRun } from './dry-run.tsx'
import { Fields } from './fields.tsx'
import { FIRST_FORM, type Form, PRESETS } from './form.ts'
import { Hindrances } from './hindrances.tsx'
import { changed, inputOf, wrongFields } from './input.ts'
import { type Begun, MEANS } from './means.ts'
import { Refusal } from './refusal.tsx'
import { useDryRun } from './try.ts'

/** What is wanted, tried before it is posted; then what comes of it. */
export const Post = () => {
  const posted = parameters.value.get('posted') ?? ''
  const live = useLive(MEANS, {}, ['wallet', 'chain'])
  return (
    <Screen title="Announce what you want" cli={['zennet rent', 'zennet post create']} live={live}>
      {(means) =>
        posted === '' ? <Wish means={means} /> : <Awaited txid={posted} again={() => setParameters({ posted: '' })} />
      }
    </Screen>
  )
}

const Wish = ({ means }: { readonly means: Begun }) => {
  const form = useSignal<Form>(FIRST_FORM)
  const element = useRef<HTMLFormElement>(null)
  const set = (changes: Partial<Form>): void => {
    form.value = { ...form.peek(), ...changes }
  }
  const input = inputOf(form.value)
  const tried = useDryRun(input)
  const isBadInput = tried.problem?.code === 'api.bad-input'
  const wrong = isBadInput ? wrongFields(tried.problem!.message) : {}
  const ease = (changes: readonly Change[]): void => {
    form.value = changes.reduce((now, { field, to }) => changed(now, field, to) ?? now, form.peek())
  }
  const post = async (): Promise<void> => {
    if (element.current?.reportValidity() === false) return
    setParameters({ posted: await announce(inputOf(form.peek()), form.peek().waitSeconds) })
  }
  const ceiling = /^\d+$/.test(form.value.maxHourlySats) && /^\d+$/.test(form.value.count)
  return (
    <div class="two">
      <form ref={element} onSubmit={(event) => event.preventDefault()} class="card">
        <div class="row presets">
          {PRESETS.map(({ name, changes }) => (
            <button key={name} type="button" class="quiet" onClick={() => set(changes)}>
              {name}
            </button>
          ))}
        </div>
        <Fields form={form.value} set={set} wrong={wrong} />
        {tried.problem && (!isBadInput || Object.keys(wrong).length === 0) && <Told told={tried.problem} />}
        {tried.run?.refusal && <Refusal of={tried.run.refusal} />}
        <Action label="Announce" run={post} />
      </form>
      <div>
        <Hindrances of={means} />
        <Cost
          run={tried.run}
          ceilingMsat={ceiling ? BigInt(form.value.maxHourlySats) * BigInt(form.value.count) * 1_000n : undefined}
          seconds={input.maxDurationS ?? 0}
          money={means}
        />
        {tried.run && <DryRun run={tried.run} ease={ease} />}
      </div>
    </div>
  )
}
