import { concat, fromHex } from '../../domain/bytes.ts'
import { taggedHash } from '../../domain/chain/hash.ts'
import { dayBegins, dayOf } from '../../domain/lease/budget.ts'
import type { Config } from '../config.ts'
import { Publisher } from '../lease/publisher/publisher.ts'
import { Spending } from '../lease/publisher/spending.ts'
import { OwnAnnouncements } from '../market/own-announcements.ts'
import type { Endpoint, Peers } from '../peer/port.ts'
import type { ProcessCounts } from '../process/port.ts'
import { openShellReader } from '../shell/reader.ts'
import type { Hands } from './hands.ts'

/** How far a bill may be above what is read inside: five seconds of full use and a tenth; beyond it in three readings, it is a lie. */
const TOLERANCE = { slackMs: 5_000, permille: 100, readings: 3 } as const

export type NodePublisher = {
  readonly own: OwnAnnouncements
  readonly publisher: Publisher
  readonly spending: Spending
  readonly endpoint: Endpoint
  close(): Promise<void>
}

/** Listens for providers and takes up running leases and open announcements. */
export const openPublisher = async (
  config: Pick<Config, 'publisherHost' | 'publisherPort' | 'insideEveryMs' | 'dailyBudgetSats'>,
  { party, wallet, journal, watched }: Hands,
  peers: Peers,
  counts: ProcessCounts,
): Promise<NodePublisher> => {
  const { streams, engine, clock, random, log } = party
  const parts = { streams, journal, engine, wallet, clock, random, log, counts }
  const spending = new Spending(clock, config.dailyBudgetSats)
  const own = new OwnAnnouncements({ ...parts, watched })
  const { secret } = party.keys.identity
  const seedOf = (leaseId: string) => taggedHash('zennet/inside', concat(secret, fromHex(leaseId)))
  const { insideEveryMs: everyMs } = config
  const tolerance = { ...TOLERANCE, everyMs }
  const inside = everyMs > 0 ? { inside: { tolerance, reader: openShellReader(seedOf) } } : {}
  const publisher = new Publisher({ ...party, wallet, spending, ...inside }, own)
  const listen = { host: config.publisherHost, port: config.publisherPort }
  const paidToday = await own.overSince(dayBegins(dayOf(clock.now())))
  const endpoint = await publisher.start(peers, listen, [...new Set([...(await own.unfinished()), ...paidToday])])
  await own.start()
  const close = async () => {
    await own.close()
    await publisher.close()
  }
  return { own, publisher, spending, endpoint, close }
}
