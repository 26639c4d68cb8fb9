import { join } from 'node:path'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import type { Config } from '../config.ts'
import { readTypes } from '../journal/read-types.ts'
import { Publisher } from '../lease/publisher/publisher.ts'
import { OwnAnnouncements } from '../market/own-announcements.ts'
import type { Endpoint, Peers } from '../peer/port.ts'
import { openCheckpoints } from '../process/checkpoints.ts'
import { openDeadlines } from '../process/deadlines.ts'
import type { Hands } from './hands.ts'

export type NodePublisher = {
  readonly own: OwnAnnouncements
  readonly publisher: Publisher
  readonly endpoint: Endpoint
  close(): Promise<void>
}

/** Listens for providers and takes up running leases and open announcements. */
export const openPublisher = async (
  config: Config,
  { party, wallet, journal }: Hands,
  peers: Peers,
): Promise<NodePublisher> => {
  const { streams, engine, clock, log } = party
  const checkpoints = await openCheckpoints({ path: join(config.dataDir, 'processes.sqlite') })
  const deadlines = await openDeadlines({ path: join(config.dataDir, 'deadlines.sqlite') })
  const own = new OwnAnnouncements({ streams, journal, engine, wallet, checkpoints, deadlines, clock, log })
  const publisher = new Publisher({ ...party, wallet }, own)
  const sought = await readTypes<Extract<LeaseFact, { type: 'lease.sought' }>>(journal, 'lease.sought')
  const mine = sought.filter(({ fact }) => fact.side === 'publisher').map(({ fact }) => fact.leaseId)
  const endpoint = await publisher.start(peers, { host: config.publisherHost, port: config.publisherPort }, mine)
  await own.start()
  const close = async () => {
    await own.close()
    await publisher.close()
    checkpoints.close()
    deadlines.close()
  }
  return { own, publisher, endpoint, close }
}
