import { signal } from '@preact/signals'
import { showNumber } from '../../../domain/shown.ts'
import { Action } from '../part/action.tsx'
import { Msat, Sats } from '../part/shown.tsx'
import { Told } from '../part/told.tsx'
import { announce } from '../post/announce.ts'
import { FIRST_FORM } from '../post/form.ts'
import { inputOf } from '../post/input.ts'
import { type Begun, meansOf } from '../post/means.ts'
import { Refusal } from '../post/refusal.tsx'
import { type Tried, useDryRun } from '../post/try.ts'
import { setParameters } from '../route.ts'
import { firstCeiling } from './ceiling.ts'

/**
 * The ceiling as the person has it, also while the screen is left; undefined: as proposed. Pressing the button makes the proposal theirs:
 * a balance that moves meanwhile would else make another wish of a second try.
 */
const given = signal<string | undefined>(undefined)

/** The one button, with what it will do and cost. */
export const FirstRent = ({ begun }: { readonly begun: Begun }) => {
  const means = meansOf(begun)
  const proposed = String(firstCeiling(means.hasSats, Number(FIRST_FORM.minutes)))
  const form = { ...FIRST_FORM, maxHourlySats: given.value ?? proposed }
  const input = inputOf(form)
  const tried = useDryRun(input)
  const isReady = means.rents && means.isOpen && means.hasSats > 0n
  const isWrong = !/^0*[1-9]\d*$/.test(form.maxHourlySats)
  const rent = async (): Promise<void> => {
    given.value = form.maxHourlySats
    const posted = await announce(input, form.waitSeconds)
    given.value = undefined
    setParameters({ posted })
  }
  return (
    <section class="card">
      <h2>One core, 256 MiB, ten minutes</h2>
      <p>
        The node announces it, signs with the cheapest provider that answers, and keeps a key, so that its shell opens
        in this page. You can end it at any time; what was not used comes back.
      </p>
      <div class="fields">
        <label>
          At most, sats an hour
          <input
            type="number"
            min={1}
            value={form.maxHourlySats}
            aria-invalid={isWrong}
            onInput={(event) => {
              given.value = event.currentTarget.value
            }}
          />
          {isWrong && <span class="wrong">Whole sats, 1 or more.</span>}
        </label>
      </div>
      <Expected
        of={tried}
        take={(sats) => {
          given.value = sats
        }}
      />
      {isReady ? (
        !isWrong && <Action label="Rent it" sure={<Sure ceiling={form.maxHourlySats} of={tried} />} run={rent} />
      ) : (
        <p class="faint">The button comes when nothing above is missing.</p>
      )}
      <p>
        <a href="/post">Ask for something else</a> · <a href="/market">Look at the market</a>
      </p>
    </section>
  )
}

const Sure = ({ ceiling, of }: { readonly ceiling: string; readonly of: Tried }) => (
  <p>
    Rent it for <Sats of={ceiling} /> an hour at the most?{' '}
    {of.run === undefined || of.isOld ? (
      'The node was not asked yet what it locks.'
    ) : (
      <>
        It locks <Sats of={of.run.lockedSats} />; what is not used comes back.
      </>
    )}
  </p>
)

/** Who is expected to answer, and what it costs. */
const Expected = ({ of, take }: { readonly of: Tried; readonly take: (sats: string) => void }) => {
  if (of.problem !== undefined) return <Told told={of.problem} />
  if (of.run === undefined) return <p class="faint">Asking the node…</p>
  const { would, may, wouldNot, candidates, lockedSats, relaxation, refusal } = of.run
  const higher = relaxation?.changes.length === 1 ? relaxation.changes[0] : undefined
  return (
    <div aria-live="polite">
      <p>
        {candidates.length === 0
          ? 'This node has met no provider yet: whoever follows the chain and is free will answer within seconds.'
          : `${would + may} of the ${would + may + wouldNot} providers that this node has met would take it.`}{' '}
        It locks <Sats of={lockedSats} />.
        {candidates[0] && would + may > 0 && (
          <>
            {' '}
            The cheapest asks <Msat of={candidates[0].hourlyMsat} /> an hour.
          </>
        )}
      </p>
      {would + may === 0 && higher?.field === 'maxHourlySats' && (
        <p>
          <button type="button" class="quiet" onClick={() => take(higher.to)}>
            Pay up to {showNumber(higher.to)} sats an hour, and one would
          </button>
        </p>
      )}
      {refusal && refusal.code !== 'insufficient-funds' && <Refusal of={refusal} />}
    </div>
  )
}
