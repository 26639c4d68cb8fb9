import type { Config } from '../config.ts'
import { Publisher } from '../lease/publisher/publisher.ts'
import { OwnAnnouncements } from '../market/own-announcements.ts'
import type { Endpoint, Peers } from '../peer/port.ts'
import type { ProcessCounts } from '../process/port.ts'
import type { Hands } from './hands.ts'

export type NodePublisher = {
  readonly own: OwnAnnouncements
  readonly publisher: Publisher
  readonly endpoint: Endpoint
  close(): Promise<void>
}

/** Listens for providers and takes up running leases and open announcements. */
export const openPublisher = async (
  config: Pick<Config, 'publisherHost' | 'publisherPort'>,
  { party, wallet, journal, watched }: Hands,
  peers: Peers,
  counts: ProcessCounts,
): Promise<NodePublisher> => {
  const { streams, engine, clock, random, log } = party
  const parts = { streams, journal, engine, wallet, clock, random, log, counts }
  const own = new OwnAnnouncements({ ...parts, watched })
  const publisher = new Publisher({ ...party, wallet }, own)
  const listen = { host: config.publisherHost, port: config.publisherPort }
  const endpoint = await publisher.start(peers, listen, await own.unfinished())
  await own.start()
  const close = async () => {
    await own.close()
    await publisher.close()
  }
  return { own, publisher, endpoint, close }
}
