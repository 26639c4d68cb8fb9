import type { GraphqlClient } from '../../api/client.ts'
import { type Finding, found, missing } from './check.ts'

type Answer = {
  readonly effects: { readonly edges: readonly unknown[] }
  readonly projections: readonly { readonly name: string; readonly stopped: object | null }[]
}

const PAGE = 100

/** What the node that runs has put aside because it failed: nobody else tells. */
export const checkParked = async (client: GraphqlClient): Promise<Finding[]> => {
  const { effects, projections } = await client.request<Answer>(
    `{ effects(first: ${PAGE}, filter: { state: [PARKED] }) { edges { cursor } } projections { name stopped { code } } }`,
  )
  const count = effects.edges.length
  const parked = count === PAGE ? `${PAGE} or more` : `${count}`
  const stopped = projections.filter((one) => one.stopped !== null).map(({ name }) => name)
  return [
    count === 0
      ? found('effects', 'nobody', 'none is parked')
      : missing('effects', 'nobody', `${parked} parked after failing too often`, {
          means: 'something that the log asks for is not done',
          fault: 'the node',
          next: 'Look: zennet effects ls',
        }),
    stopped.length === 0
      ? found('projections', 'nobody', 'all go on')
      : missing('projections', 'nobody', `standing still: ${stopped.join(', ')}`, {
          means: 'what is shown is older than what has happened',
          fault: 'the node',
          next: 'Look: zennet projections ls',
        }),
  ]
}
