import type { KurrentDBClient } from '@kurrent/kurrentdb-client'
import { Fault } from '../../domain/fault.ts'
import { kurrentdbFault } from './kurrentdb-fault.ts'
import type { KurrentdbPlace } from './kurrentdb-url.ts'

type Client = typeof import('@kurrent/kurrentdb-client')
/** The client's own words, as far as this adapter needs them. */
export type Kurrentdb = Pick<Client, 'eventTypeFilter' | 'jsonEvent' | 'streamNameFilter'> & {
  readonly client: KurrentDBClient
}

/** What this server can do, and this adapter with it. */
export type KurrentdbCapabilities = {
  readonly serverVersion: string
  /** Positions are places in the server's log, in bytes: they grow, and numbers are left out. */
  readonly gaplessPositions: false
  /** Facts for several streams in one unit; KurrentDB 25.1 and later. */
  readonly multiStream: boolean
  /** Streams whose version is only checked, in a unit with facts for others; KurrentDB 26.1 and later. */
  readonly versionChecks: boolean
}

/** One answer of the server. */
export const REQUEST_TIMEOUT_MS = 30_000

const V2 = '/kurrentdb.protocol.v2.streams.StreamsService'

/**
 * Loads the official client. It is an optional package and loads a native library, so nothing of it is touched before it is needed.
 * @throws Fault `journal.no-client`, `journal.bad-address`
 */
export const loadKurrentdb = async ({ connection, shown }: KurrentdbPlace): Promise<Kurrentdb> => {
  let loaded: Client
  try {
    loaded = await import('@kurrent/kurrentdb-client')
  } catch (cause) {
    throw new Fault('journal.no-client', 'the KurrentDB client cannot be loaded', {
      next: 'Run `npm install --include=optional` where Zennet is installed; see docs/run-the-log-on-kurrentdb.md.',
      cause,
    })
  }
  const { eventTypeFilter, jsonEvent, streamNameFilter, KurrentDBClient: Maker } = loaded
  try {
    return { client: Maker.connectionString(connection), eventTypeFilter, jsonEvent, streamNameFilter }
  } catch (cause) {
    throw new Fault('journal.bad-address', `the KurrentDB client does not take this address: ${shown}`, {
      culprit: 'you',
      next: 'See docs/run-the-log-on-kurrentdb.md for addresses and their options.',
      cause,
    })
  }
}

/** Asks the server. @throws Fault `journal.unavailable`, `journal.access-denied` */
export const capabilitiesOf = async ({ client }: Kurrentdb, shown: string): Promise<KurrentdbCapabilities> =>
  asked(shown, async () => {
    // Protected, and still the only question that writes nothing: the public calls tell when it is too late.
    const features = await client['capabilities']
    const can = (method: string) =>
      features.supports({ path: `${V2}/${method}` } as Parameters<typeof features.supports>[0])
    const versionChecks = can('AppendRecords')
    return {
      serverVersion: features.serverVersion,
      gaplessPositions: false,
      multiStream: versionChecks || can('AppendSession'),
      versionChecks,
    }
  })

/** One question and its answer, in time. @throws Fault of `kurrentdbFault` */
export const asked = async <T>(shown: string, question: () => Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DOMException('no answer', 'TimeoutError')), REQUEST_TIMEOUT_MS)
  })
  try {
    return await Promise.race([question(), late])
  } catch (error) {
    throw kurrentdbFault(error, shown)
  } finally {
    clearTimeout(timer)
  }
}
