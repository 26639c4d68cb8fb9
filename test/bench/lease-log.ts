import type { ChannelFact } from '../../domain/channel/facts.ts'
import type { Fact } from '../../domain/fact.ts'
import { channelStream, leaseStream } from '../../domain/ids.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import type { Journal, Position } from '../../src/journal/port.ts'
import { channelFacts } from '../domain/channel/sample.ts'
import { AT, leaseIdNumber, metered, sought, toMetering, toSettled } from '../projections/lease-history.ts'

/** Leases that go on side by side in the log. */
const SIDE_BY_SIDE = 100
/** Facts of one stream in one unit. */
const AT_ONCE = 5

/** Which leases a log has. `ticks`: so often each was metered and paid. `over`: it was settled, else it goes on. */
export type LeasesInLog = { readonly leases: number; readonly ticks: number; readonly over: boolean }

/** What the log of a provider has of one lease. */
const lifeOf = (n: number, { ticks, over }: LeasesInLog): LeaseFact[] => {
  const leaseId = leaseIdNumber(n)
  const [, ...begun] = toMetering(leaseId)
  const served = Array.from({ length: ticks }, (_, i): LeaseFact[] => [
    metered(leaseId, i + 1),
    { type: 'lease.paid', at: AT + 10 + i * 1_000, tick: i + 1, paidSats: 1_000n + BigInt(i) * 3n },
  ])
  const first: LeaseFact = { ...(sought(leaseId) as LeaseFact & { type: 'lease.sought' }), side: 'provider' }
  return [first, ...begun, ...served.flat(), ...(over ? toSettled(1_000n) : [])]
}

const channelOf = (n: number): ChannelFact[] => {
  const { 'channel.proposed': proposed, 'channel.funded': funded, 'channel.opened': opened } = channelFacts()
  return [proposed, { ...funded, txid: n.toString(16).padStart(64, 'f') }, opened]
}

/** Writes the facts of leases, and of the channels of those that go on. @returns how many facts the log has then */
export const writeLeases = async (journal: Journal, wanted: LeasesInLog): Promise<Position> => {
  let head = 0
  for (let first = 0; first < wanted.leases; first += SIDE_BY_SIDE) {
    const numbers = Array.from({ length: Math.min(SIDE_BY_SIDE, wanted.leases - first) }, (_, i) => first + i)
    const streams: { readonly stream: string; readonly facts: readonly Fact[] }[] = numbers.flatMap((n) => [
      { stream: leaseStream(leaseIdNumber(n)), facts: lifeOf(n, wanted) },
      ...(wanted.over ? [] : [{ stream: channelStream(leaseIdNumber(n)), facts: channelOf(n) }]),
    ])
    for (let expected = 0; streams.some(({ facts }) => facts.length > expected); expected += AT_ONCE) {
      const appends = streams
        .map(({ stream, facts }) => ({ stream, expected, facts: facts.slice(expected, expected + AT_ONCE) }))
        .filter(({ facts }) => facts.length > 0)
      head = await journal.transact(appends)
    }
  }
  return head
}
