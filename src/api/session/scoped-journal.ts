import { GraphQLError } from 'graphql'
import { CHAIN_STREAM } from '../../../domain/chain/facts.ts'
import { MEMPOOL_STREAM } from '../../../domain/chain/mempool-facts.ts'
import { leases } from '../../../projections/leases.ts'
import type { Filter, Journal, Position, Recorded } from '../../journal/port.ts'
import type { Projector } from '../../projector/port.ts'
import { isParty, leaseOfStream, shownFact } from './visible.ts'

/** How long an event waits for the rows that say whose it is, ms. */
const ROWS_WAIT_MS = 10_000
/** Leases of which a follower remembers that they are its key's. */
const MAX_KNOWN = 10_000

/** Answers to commands, by ids that nobody can guess: see `idempotency.ts`. They are not part of what is shown. */
const isAnswer = (stream: string): boolean => stream.startsWith('request-')

const isPublic = (stream: string): boolean =>
  stream === CHAIN_STREAM || stream === MEMPOOL_STREAM || stream.startsWith('announcement-')

/**
 * The log as `key` is shown it: facts of its own leases, of announcements and of blocks, without what is private in them. Whether a fact is shown
 * is asked of each, also of those that come live. `projector`: of the owner.
 */
export const scopedJournal = (journal: Journal, projector: Projector, key: string): Journal => {
  // Parties of a lease do not change once they are known, so a yes stays.
  const known = new Set<string>()
  const isOwn = async (lease: string, position: Position): Promise<boolean> => {
    if (known.has(lease)) return true
    await projector.waitFor(position, ROWS_WAIT_MS)
    const own = isParty(projector.byId(leases, lease), key)
    if (own && known.size < MAX_KNOWN) known.add(lease)
    return own
  }
  const shown = async (recorded: Recorded): Promise<Recorded | undefined> => {
    const lease = leaseOfStream(recorded.stream)
    const may = lease === undefined ? isPublic(recorded.stream) : await isOwn(lease, recorded.position)
    const fact = may ? shownFact(recorded.fact) : undefined
    return fact === undefined ? undefined : { ...recorded, fact }
  }
  const each = async (found: readonly Recorded[]): Promise<Recorded[]> =>
    (await Promise.all(found.map(shown))).filter((recorded) => recorded !== undefined)
  const read = async (stream: string, found: Promise<Recorded[]>): Promise<Recorded[]> =>
    isAnswer(stream) ? found : each(await found)

  return {
    transact: (appends, options) =>
      appends.every(({ stream }) => isAnswer(stream))
        ? journal.transact(appends, options)
        : Promise.reject(new GraphQLError('not of this session', { extensions: { code: 'api.forbidden' } })),
    read: (stream, afterVersion, limit) => read(stream, journal.read(stream, afterVersion, limit)),
    readBackward: (stream, beforeVersion, limit) => read(stream, journal.readBackward(stream, beforeVersion, limit)),
    readAll: async (after, filter, limit) => each(await journal.readAll(after, filter, limit)),
    readAllBackward: async (before, filter, limit) => each(await journal.readAllBackward(before, filter, limit)),
    async *follow(after: Position, filter: Filter | undefined, signal: AbortSignal) {
      for await (const item of journal.follow(after, filter, signal)) {
        if (item.kind === 'caught-up') {
          yield item
          continue
        }
        const recorded = await shown(item.recorded)
        if (recorded !== undefined) yield { kind: 'fact', recorded }
      }
    },
    head: () => journal.head(),
    close: () => Promise.resolve(),
  }
}
