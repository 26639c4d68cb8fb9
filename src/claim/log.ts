import { toHex } from '../../domain/bytes.ts'
import { claim } from '../../domain/claim/claim.ts'
import { beatStream, claimStream } from '../../domain/claim/facts.ts'
import { isRefusal } from '../../domain/fact.ts'
import { Fault } from '../../domain/fault.ts'
import type { Clock } from '../clock/port.ts'
import { Conflict, type Journal, type Retaining } from '../journal/port.ts'
import type { Streams } from '../journal/streams.ts'
import type { Log } from '../log/port.ts'
import type { Random } from '../random/port.ts'
import { Beats, newestBeat } from './beats.ts'
import { Holding } from './holding.ts'
import { CLAIM_TTL_MS, type Claims } from './port.ts'
import { Turns } from './turns.ts'

export type LogClaimsOptions = {
  readonly journal: Journal & Partial<Retaining>
  readonly streams: Streams
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The same for all nodes of a log, or nearly: who takes over waits for what the holder said. */
  readonly ttlMs?: number
}

/** How often, in one ttl, a node that waits looks whether the holder lives. */
const LOOKS = 4

/** The holder as a waiting node saw it, and since when it has looked so, steady microseconds. */
type Seen = { readonly term: number; readonly beat: number; readonly sinceUs: number }

/**
 * Claims in the log that the nodes share. No wall clock is trusted: a holder stops by its own steady clock before a challenger, by
 * its own, takes over; to take over is one unit with nothing having been heard of the holder since; and what a holder writes too
 * late all the same, the log refuses.
 */
export const logClaims = (options: LogClaimsOptions): Claims => {
  const { journal, streams, clock, log, ttlMs = CLAIM_TTL_MS } = options
  const owner = toHex(options.random.bytes(16))
  const beats = new Beats({ journal, clock, log, owner, ttlMs })
  const turns = new Turns()
  const holdings = new Set<Holding>()
  const closing = new AbortController()

  const giveBack = async (holding: Holding): Promise<void> => {
    holding.lose('it was given back')
    beats.remove(holding)
    holdings.delete(holding)
    const command = { kind: 'release', at: clock.now(), owner } as const
    await streams.execute(claim, claimStream(holding.name), command).catch((err: unknown) => {
      log.warn({ claim: holding.name, err }, 'a claim could not be given back; others wait until this node is silent')
    })
  }

  /** @param over a holder that was silent for long enough */
  const take = async (
    name: string,
    over: (Seen & { readonly owner: string }) | undefined,
    signal: AbortSignal,
    leave: () => void,
  ): Promise<Holding | undefined> => {
    const sinceUs = clock.steadyUs()
    const stream = claimStream(name)
    const command = { kind: 'take', at: clock.now(), owner, ttlMs, ...(over ? { over: over.term } : {}) } as const
    const also = over ? [{ stream: beatStream(over.owner), expected: over.beat, facts: [] }] : []
    const done = await streams.execute(claim, stream, command, { also }).catch((error: unknown) => {
      if (error instanceof Conflict) return { refused: 'held', why: 'its holder lives, or others want it too' } as const
      throw error
    })
    if (isRefusal(done)) return undefined
    const holding = new Holding({
      name,
      guard: { stream, expected: done.version, facts: [] },
      sinceUs,
      signal,
      expired: (since) => beats.expired(since),
      giveBack: (one) => giveBack(one).finally(leave),
    })
    // Taken before, by a unit whose answer was lost or for a work that is over: it counts once the log has heard of this node again.
    if (done.facts.length === 0) await beats.beat(holding)
    if (holding.lost) return undefined
    holdings.add(holding)
    beats.add(holding)
    if (over) log.warn({ claim: name, from: over.owner, owner }, 'taken over from a node that is silent')
    return holding
  }

  /** Looks once: a holding, or what it saw. */
  const look = async (name: string, before: Seen | undefined, signal: AbortSignal, leave: () => void) => {
    const { value, context } = (await streams.load(claim, claimStream(name))).state
    if (value === 'free' || context.owner === owner) return { holding: await take(name, undefined, signal, leave) }
    const beat = await newestBeat(journal, context.owner)
    const now = clock.steadyUs()
    const same = before?.term === context.term && before.beat === beat
    if (!same) return { seen: { term: context.term, beat, sinceUs: now } }
    if (now - before.sinceUs < context.ttlMs * 1_000) return { seen: before }
    return { holding: await take(name, { ...before, owner: context.owner }, signal, leave) }
  }

  const wait = async (name: string, signal: AbortSignal, leave: () => void): Promise<Holding> => {
    let seen: Seen | undefined
    let woken = new AbortController()
    const over = new AbortController()
    const until = AbortSignal.any([signal, over.signal])
    void released(name, until, () => woken.abort())
    try {
      for (;;) {
        signal.throwIfAborted()
        woken = new AbortController()
        try {
          const looked = await look(name, seen, signal, leave)
          if (looked.holding) return looked.holding
          seen = looked.seen
        } catch (err) {
          if (!(err instanceof Fault) || err.code === 'journal.closed') throw err
          // While the log is away its holder cannot tell it anything either: it gets its whole time again.
          seen = undefined
          log.warn({ claim: name, err }, 'the log cannot be asked who holds a claim; trying again')
        }
        await clock.sleep(ttlMs / LOOKS, AbortSignal.any([signal, woken.signal])).catch(() => {})
      }
    } finally {
      over.abort()
    }
  }

  /** Only a shortcut: a waiting node looks from time to time anyway. */
  const released = async (name: string, signal: AbortSignal, wake: () => void): Promise<void> => {
    const stream = claimStream(name)
    try {
      const filter = { streamPrefix: stream, types: ['claim.released'] }
      for await (const one of journal.follow(await journal.head(), filter, signal)) {
        if (one.kind === 'fact' && one.recorded.stream === stream) wake()
      }
    } catch (err) {
      if (!signal.aborted) log.debug({ claim: name, err }, 'the log cannot be followed')
    }
  }

  return {
    async hold(name, outer) {
      const signal = AbortSignal.any([outer, closing.signal])
      const leave = await turns.take(name, signal)
      try {
        return await wait(name, signal, leave)
      } catch (error) {
        leave()
        throw error
      }
    },
    async close() {
      closing.abort(new Error('the claims are closed'))
      await Promise.all([...holdings].map((holding) => holding.release()))
    },
  }
}
