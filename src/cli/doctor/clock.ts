import type { GraphqlClient } from '../../api/client.ts'
import { showTime } from '../quantity.ts'
import { type Finding, found, missing } from './check.ts'

/** Beyond this a challenge or a session of the API is refused. */
export const MOST_SKEW_MS = 30_000
/** A block may say a time so far ahead of its receiver's clock. Source: Bitcoin Core, `MAX_FUTURE_BLOCK_TIME`. */
const MOST_AHEAD_MS = 7_200_000
/** A chain without a block for so long is behind, or nobody mines it. */
export const QUIET_MS = 3_600_000

type Answer = {
  readonly status: { readonly at: string; readonly height: number | null }
  readonly blocks: { readonly edges: readonly { readonly node: { readonly time: string; readonly height: number } }[] }
  readonly projections: readonly { readonly name: string; readonly lagFacts: number; readonly lagSeconds: number }[]
}

/** What a node says of the time and of the chain, beside this machine's clock at `before` to `after`, Unix ms. */
export const judgeTime = (answer: Answer, before: number, after: number): Finding[] => {
  const newest = answer.blocks.edges[0]?.node
  return [
    skewOf(Date.parse(answer.status.at), before, after, newest && Date.parse(newest.time)),
    syncOf(answer, newest, after),
  ]
}

const skewOf = (node: number, before: number, after: number, block: number | undefined): Finding => {
  const skewMs = node < before ? before - node : node > after ? node - after : 0
  const words = skewMs === 0 ? 'as the node’s' : `${showTime(skewMs / 1_000)} away from the node’s`
  const lack = { fault: 'this machine', next: 'Set it by the network: timedatectl set-ntp true' } as const
  if (block !== undefined && block - after > MOST_AHEAD_MS)
    return missing('clock', 'all', `${showTime((block - after) / 1_000)} behind the newest block`, {
      ...lack,
      means: 'blocks seem to come from the future and are refused',
    })
  return skewMs <= MOST_SKEW_MS
    ? found('clock', 'all', words)
    : missing('clock', 'nobody', words, { ...lack, means: 'sessions and deadlines are judged wrongly' })
}

const syncOf = (
  { projections }: Answer,
  newest: { time: string; height: number } | undefined,
  now: number,
): Finding => {
  const lags = projections.filter(({ lagFacts, lagSeconds }) => lagFacts > 0 && lagSeconds > 10)
  if (newest === undefined)
    return missing('chain sync', 'nobody', 'no block yet', {
      means: 'nothing can be paid or announced',
      fault: 'the chain',
      next: 'Wait while the node reads the chain; see that it has peers, or mine (--mine true).',
    })
  const ageMs = now - Date.parse(newest.time)
  const is = `block ${newest.height}, ${showTime(ageMs / 1_000)} old`
  if (ageMs > QUIET_MS)
    return missing('chain sync', 'nobody', is, {
      means: 'the chain is not read to its end, or nobody mines it: payments wait',
      fault: 'the chain',
      next: 'See that the chain node has peers, or that somebody mines.',
    })
  return lags.length === 0
    ? found('chain sync', 'nobody', is)
    : missing('chain sync', 'nobody', `${is}; ${lags.map(({ name }) => name).join(', ')} behind the log`, {
        means: 'what is shown is older than what has happened',
        fault: 'the node',
        next: 'Wait; zennet projections ls shows how far they are.',
      })
}

export const checkTime = async (client: GraphqlClient): Promise<Finding[]> => {
  const before = Date.now()
  const answer = await client.request<Answer>(
    '{ status { at height } blocks(first: 1) { edges { node { time height } } } projections { name lagFacts lagSeconds } }',
  )
  return judgeTime(answer, before, Date.now())
}
