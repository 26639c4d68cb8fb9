import type { Told } from '../api/fault.ts'
import { useTyped } from '../api/typed.ts'
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

/** Asks the node what would come of `input`, whenever it changes and from time to time. */
export const useDryRun = (input: PostInput): Tried => {
  const { data, fault, isOld } = useTyped(DRY_RUN, { input }).value
  if (fault !== undefined) return { problem: fault, isOld }
  if (data === undefined) return { isOld }
  const { dryRun } = data
  return dryRun.__typename === 'DryRun' ? { run: dryRun, isOld } : { problem: dryRun as Told, isOld }
}
