import ssh2 from 'ssh2'
import { concat, fromHex } from '../../domain/bytes.ts'
import { taggedHash } from '../../domain/chain/hash.ts'
import { leaseStream } from '../../domain/ids.ts'
import { isOver } from '../../domain/lease/lease.ts'
import { type Clock, sleepUntilAborted } from '../clock/port.ts'
import type { Config } from '../config.ts'
import type { Journal } from '../journal/port.ts'
import type { Streams } from '../journal/streams.ts'
import { openLedger } from '../lease/ledger.ts'
import { isDataKept } from '../lease/publisher/late.ts'
import type { Log } from '../log/port.ts'
import type { OwnAnnouncements } from '../market/own-announcements.ts'
import { dropKey, keepKey, leasesWithKey, readKey } from '../shell/key-store.ts'
import { openSshKeyOf } from '../shell/openssh-key.ts'
import type { KeptKeys } from '../shell/port.ts'
import type { Hands } from './hands.ts'
import type { NodePublisher } from './publisher.ts'

/** Tells it from the keys of people, wherever keys are listed. */
const COMMENT = 'zennet-kept'
const PREFIX = leaseStream('')
const BEGINS = 'lease.agreed'
const ENDS = ['lease.settled', 'lease.refunded', 'lease.lapsed', 'lease.refused', 'lease.failed'] as const
/** How long a log that cannot be followed is left alone, ms. */
const PAUSE_MS = 5_000

type KeptKeysOptions = {
  readonly dataDir: string
  /** The identity's: keys follow from it, so that none is lost between a post and its lease. */
  readonly secret: Uint8Array
  readonly journal: Journal
  readonly streams: Streams
  readonly own: Pick<OwnAnnouncements, 'order' | 'unfinished'>
  readonly clock: Clock
  readonly log: Log
}

/**
 * Keeps the keys of leases that were asked for with one: a file of each from its agreement until it is over and its data is gone, for
 * `zennet lease ssh` and `fetch` of the same data directory and for the API's terminal. Keys that the command line put there are used
 * and dropped alike.
 */
const openKeptKeys = async (options: KeptKeysOptions): Promise<KeptKeys & { close(): Promise<void> }> => {
  const { dataDir, secret, journal, streams, own, clock, log } = options
  const keyOf = (salt: string) => openSshKeyOf(taggedHash('zennet/kept-key', concat(secret, fromHex(salt))), COMMENT)
  const keep = async (leaseId: string): Promise<void> => {
    const { context } = await openLedger(streams, leaseId).lease()
    if (context.side !== 'publisher' || context.agreedAt === undefined) return
    const salt = (await own.order(context.announcement))?.keptKey
    if (salt !== undefined) await keepKey(dataDir, leaseId, keyOf(salt).privateKey)
  }
  const stop = new AbortController()
  /** Leases that are over, whose data can still be fetched. */
  const waiting = new Map<string, Promise<void>>()
  const drop = async (leaseId: string): Promise<void> => {
    const state = await openLedger(streams, leaseId).lease()
    if (!isOver(state)) return
    const { context } = state
    const now = clock.now()
    if (!isDataKept(context, now)) return await dropKey(dataDir, leaseId)
    if (waiting.has(leaseId)) return
    const leftMs = context.end!.at + context.terms!.dataGraceMs - now
    const waited = sleepUntilAborted(clock, leftMs, stop.signal)
      .then(() => (stop.signal.aborted ? undefined : dropKey(dataDir, leaseId)))
      .catch((err: unknown) => log.warn({ err, leaseId }, 'the key of a lease could not be dropped'))
      .finally(() => waiting.delete(leaseId))
    waiting.set(leaseId, waited)
  }
  const after = await journal.head()
  for (const leaseId of await leasesWithKey(dataDir)) await drop(leaseId)
  for (const leaseId of await own.unfinished()) await keep(leaseId)

  const follow = async (): Promise<void> => {
    let at = after
    while (!stop.signal.aborted) {
      try {
        for await (const followed of journal.follow(at, { types: [BEGINS, ...ENDS], quiet: true }, stop.signal)) {
          if (followed.kind !== 'fact') continue
          const { position, stream, fact } = followed.recorded
          const leaseId = stream.slice(PREFIX.length)
          if (fact.type === BEGINS) await keep(leaseId)
          else await drop(leaseId)
          at = position
        }
      } catch (err) {
        if (stop.signal.aborted) return
        log.warn({ err }, 'keys of leases cannot be looked after; trying again')
        await clock.sleep(PAUSE_MS, stop.signal).catch(() => {})
      }
    }
  }
  const following = follow()
  return {
    publicKey: (salt) => `${keyOf(salt).publicKey} ${COMMENT}`,
    async of(leaseId, authorizedKeys) {
      const kept = await readKey(dataDir, leaseId)
      const key = kept === undefined ? undefined : ssh2.utils.parseKey(kept)
      if (key === undefined || key instanceof Error) return undefined
      const blob = key.getPublicSSH().toString('base64')
      return authorizedKeys.some((line) => line.split(' ')[1] === blob) ? kept : undefined
    },
    async close() {
      stop.abort(new Error('the node stops'))
      await following
      await Promise.all(waiting.values())
    },
  }
}

export type KeepingPublisher = NodePublisher & { readonly keys: KeptKeys }

/** A publisher that keeps keys of its leases in this data directory; it is closed when they cannot be looked after. */
export const keepingKeys = async (
  { dataDir }: Pick<Config, 'dataDir'>,
  { journal, streams, party }: Hands,
  publisher: NodePublisher,
): Promise<KeepingPublisher> => {
  const { keys: own, clock, log } = party
  const parts = { dataDir, secret: own.identity.secret, journal, streams, own: publisher.own, clock, log }
  const keys = await openKeptKeys(parts).catch(async (error: unknown) => {
    await publisher.close()
    throw error
  })
  const close = async () => {
    await keys.close()
    await publisher.close()
  }
  return { ...publisher, keys, close }
}
