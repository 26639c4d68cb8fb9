import { signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import { asked } from '../api/asked.ts'
import { Fault, type Told, unreachable } from '../api/fault.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import type { PostInput } from './input.ts'

const DRY_RUN = graphql(`
  query TryDry($input: DryRunInput!) {
    # once
    dryRun(input: $input) {
      __typename
      ... on Problem { code message culprit next }
      ... on DryRun {
        would
        may
        wouldNot
        hourlyMsat
        wholeMsat
        lockedSats
        refusal { code message culprit next }
        exclusions { rule excludes alone }
        relaxation { providerKey gains hourlyMsat changes { rule field from to } }
        candidates {
          answer
          hourlyMsat
          wholeMsat
          provider { id key lastAt hardware { cpuModel cores } }
          rules { rule ok want have told }
        }
      }
    }
  }
`)

type Answer = ResultOf<typeof DRY_RUN>['dryRun']
export type DryRun = Extract<Answer, { readonly __typename: 'DryRun' }>

/** What the node says of a request that is not posted. `problem`: it cannot be, as it is. */
export type Tried = { readonly run?: DryRun; readonly problem?: Told; readonly isOld: boolean }

/** Who types is not interrupted: asked when nothing was typed for so long, ms. */
const PAUSE_MS = 300
/** Money, providers and the chain move on without a key being pressed, ms. */
const AGAIN_MS = 10_000

/** Asks the node what would come of `input`, whenever it changes and from time to time. */
export const useDryRun = (input: PostInput): { readonly value: Tried } => {
  const tried = useMemo(() => signal<Tried>({ isOld: true }), [])
  const key = JSON.stringify(input)
  useEffect(() => {
    let isGone = false
    let timer: ReturnType<typeof setTimeout>
    const unasked = asked(DRY_RUN, { input })
    tried.value = { ...tried.peek(), isOld: true }
    const run = async (): Promise<void> => {
      const found = await ask(DRY_RUN, { input }).then(
        ({ dryRun }): Tried =>
          dryRun.__typename === 'DryRun' ? { run: dryRun, isOld: false } : { problem: dryRun as Told, isOld: false },
        (error: unknown): Tried => ({ problem: error instanceof Fault ? error : unreachable(), isOld: false }),
      )
      if (isGone) return
      tried.value = found
      timer = setTimeout(run, AGAIN_MS)
    }
    timer = setTimeout(run, PAUSE_MS)
    return () => {
      isGone = true
      clearTimeout(timer)
      unasked()
    }
  }, [key])
  return tried
}
