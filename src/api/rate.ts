import { parse } from 'graphql'
import type { Clock } from '../clock/port.ts'
import { costOf, MAX_COST, MAX_TOKENS } from './limits.ts'
import type { Principal } from './session/principal.ts'

/** What a session's key may ask for: so many fields of answers at once, and so many a second from then on. */
export const SESSION_RATE: Rate = { burst: 2 * MAX_COST, perSecond: 20_000 }
/** The same for a remote address whose requests bring no session: signing in, and tokens that are not good. */
export const ADDRESS_RATE: Rate = { burst: 60, perSecond: 1 }
/** Buckets and costs that are kept; the one that was not used longest goes first. A full bucket is no loss. */
const MAX_KEPT = 10_000

export type Rate = { readonly burst: number; readonly perSecond: number }

/** Token buckets by name. */
export class Buckets {
  readonly #rate: Rate
  readonly #clock: Clock
  readonly #buckets = new Map<string, { level: number; atUs: number }>()

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate
    this.#clock = clock
  }

  /** Takes `cost` out of a bucket. @returns 0, or, when there is not so much in it, seconds until there is */
  take(name: string, cost: number): number {
    const { burst, perSecond } = this.#rate
    const nowUs = this.#clock.steadyUs()
    const before = this.#buckets.get(name) ?? { level: burst, atUs: nowUs }
    const level = Math.min(burst, before.level + ((nowUs - before.atUs) / 1e6) * perSecond)
    const isEnough = level >= Math.min(cost, burst)
    this.#buckets.delete(name)
    this.#buckets.set(name, { level: isEnough ? level - Math.min(cost, burst) : level, atUs: nowUs })
    dropOldest(this.#buckets)
    return isEnough ? 0 : Math.ceil((Math.min(cost, burst) - level) / perSecond)
  }
}

/** Who pays for what is asked: a session's key, or else the address. The owner does not. */
export class Charges {
  readonly #sessions: Buckets
  readonly #addresses: Buckets
  readonly #costs = new Map<string, number>()

  constructor(clock: Clock, session: Rate = SESSION_RATE, address: Rate = ADDRESS_RATE) {
    this.#sessions = new Buckets(session, clock)
    this.#addresses = new Buckets(address, clock)
  }

  /** Before it is executed. @returns seconds to wait; 0: go on */
  document(principal: Principal, address: string, query: unknown): number {
    if (principal.kind === 'owner') return 0
    if (principal.kind === 'anonymous') return this.unknown(address)
    return this.#sessions.take(principal.key, this.#costOf(query))
  }

  /** For a request of nobody, or with a token that is not good. */
  unknown(address: string): number {
    return this.#addresses.take(address, 1)
  }

  /** What cannot be parsed costs little: it is not executed either. */
  #costOf(query: unknown): number {
    if (typeof query !== 'string') return 1
    const known = this.#costs.get(query)
    if (known !== undefined) return known
    let cost = 1
    try {
      cost = Math.max(1, Math.min(costOf(parse(query, { maxTokens: MAX_TOKENS, noLocation: true })), MAX_COST))
    } catch {
      // The answer will say what is wrong with it.
    }
    if (query.length <= MAX_REMEMBERED_CHARS) this.#costs.set(query, cost)
    dropOldest(this.#costs, MAX_COSTS)
    return cost
  }
}

const MAX_REMEMBERED_CHARS = 8_192
const MAX_COSTS = 1_000

const dropOldest = (map: Map<string, unknown>, most = MAX_KEPT): void => {
  for (const oldest of map.keys()) {
    if (map.size <= most) return
    map.delete(oldest)
  }
}
