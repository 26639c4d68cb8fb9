import { dayBegins, dayOf } from '../../domain/lease/budget.ts'
import type { Config } from '../config.ts'
import { Publisher } from '../lease/publisher/publisher.ts'
import { Spending } from '../lease/publisher/spending.ts'
import { OwnAnnouncements } from '../market/own-announcements.ts'
import type { Endpoint, Peers } from '../peer/port.ts'
import type { ProcessCounts } from '../process/port.ts'
import type { Hands } from './hands.ts'

export type NodePublisher = {
  readonly own: OwnAnnouncements
  readonly publisher: Publisher
  readonly spending: Spending
  readonly endpoint: Endpoint
  close(): Promise<void>
}

/** Listens for providers and takes up running leases and open announcements. */
export const openPublisher = async (
  config: Pick<Config, 'publisherHost' | 'publisherPort' | 'dailyBudgetSats'>,
  { party, wallet, journal, watched }: Hands,
  peers: Peers,
  counts: ProcessCounts,
): Promise<NodePublisher> => {
  const { streams, engine, clock, random, log } = party
  const parts = { streams, journal, engine, wallet, clock, random, log, counts }
  const spending = new Spending(clock, config.dailyBudgetSats)
  const own = new OwnAnnouncements({ ...parts, watched })
  const publisher = new Publisher({ ...party, wallet, spending }, own)
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
