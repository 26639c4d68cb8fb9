import type { Culprit } from '../fault.ts'
import type { LeaseFact } from '../lease/facts.ts'
import { PAUSES } from '../lease/pauses.ts'
import type { Availability, Served } from './availability.ts'
import { LENDING_STREAM, type LendingFact, MOST_GAP_MS } from './facts.ts'
import { type FrozenTallies, Tallies } from './tallies.ts'

/** Facts that say how available machines were: this provider's, and those that this publisher rented. */
export const TRACK_TYPES = [
  'lending.began',
  'lending.kept',
  'lending.ended',
  'lease.sought',
  'lease.challenged',
  'lease.provisioned',
  'lease.funded',
  'lease.paused',
  'lease.resumed',
  'lease.shrunk',
  'lease.unshrunk',
  'lease.ended',
  'lease.lapsed',
  'lease.refused',
  'lease.failed',
] as const
export type TrackFact = Extract<LendingFact | LeaseFact, { type: (typeof TRACK_TYPES)[number] }>
type TrackLeaseFact = Exclude<TrackFact, LendingFact>

/** A lease that has not ended. */
type Open = {
  readonly side: 'publisher' | 'provider'
  peerKey: string
  made: boolean
  funded: boolean
  /** Up to where its time was counted; undefined until it is served. */
  countedTo: number | undefined
  /** Why the provider gives it less than was agreed: codes of pauses, and `shrunk`. */
  less: readonly string[]
}

/** As data. */
export type FrozenTrack = {
  readonly since: number | null
  readonly last: LendingFact | null
  readonly own: FrozenTallies
  readonly seen: readonly (readonly [key: string, tallies: FrozenTallies])[]
  readonly open: readonly (readonly [
    stream: string,
    lease: Omit<Open, 'countedTo'> & { readonly countedTo: number | null },
  ])[]
}

/** Adds up, from facts alone, how available this provider was, and what this publisher saw of others (decision 0035). */
export class Track {
  #since: number | undefined
  #last: LendingFact | undefined
  #own = new Tallies()
  readonly #seen = new Map<string, Tallies>()
  readonly #open = new Map<string, Open>()

  fold(stream: string, fact: TrackFact): void {
    if (stream === LENDING_STREAM) this.#lend(fact as LendingFact)
    else this.#lease(stream, fact as TrackLeaseFact)
  }

  /** What this provider says of itself; undefined before it lent anything. What has begun counts up to now. */
  own(now: number): Availability | undefined {
    if (this.#since === undefined || this.#last === undefined || now <= this.#since) return undefined
    const { since, last, own, open } = this.freeze([])
    const upToNow = Track.thaw({ since, last, own, seen: [], open })
    if (this.#last.type !== 'lending.ended') upToNow.#lend({ ...this.#last, type: 'lending.kept', at: now })
    return upToNow.#own.availability(this.#since, now)
  }

  /** What this publisher saw of that provider; undefined when it was never served by it. */
  seen(providerKey: string, now: number): Served | undefined {
    if (!this.#seen.has(providerKey)) return undefined
    const upToNow = Track.thaw(this.freeze([providerKey]))
    for (const lease of upToNow.#open.values()) if (lease.peerKey === providerKey) upToNow.#count(lease, now, true)
    return upToNow.#seen.get(providerKey)?.served(now)
  }

  #lend(fact: LendingFact): void {
    const { type, at } = fact
    const before = this.#last
    this.#last = fact
    this.#since ??= at
    if (before === undefined) return
    const ran = type !== 'lending.began' && this.#ran(at, before)
    const lent = ran && !(before.type === 'lending.kept' && before.closed !== undefined)
    if (lent) this.#own.spend('lentMs', before.at, at)
    for (const lease of this.#open.values()) if (lease.side === 'provider') this.#count(lease, at, ran)
  }

  /** The node ran from the lending fact before until then; so it is taken where none is known. */
  #ran(at: number, before = this.#last): boolean {
    return before === undefined || (before.type !== 'lending.ended' && at - before.at <= MOST_GAP_MS)
  }

  #lease(stream: string, fact: TrackLeaseFact): void {
    const { at } = fact
    if (fact.type === 'lease.sought') {
      const nothing = { peerKey: '', made: false, funded: false, countedTo: undefined, less: [] }
      this.#open.set(stream, { side: fact.side, ...nothing })
      return
    }
    const lease = this.#open.get(stream)
    if (lease === undefined) return
    this.#count(lease, at, lease.side === 'publisher' || this.#ran(at))
    switch (fact.type) {
      case 'lease.challenged':
        lease.peerKey = fact.peerKey
        break
      case 'lease.provisioned':
        lease.made = true
        break
      case 'lease.funded':
        lease.funded = true
        this.#tallies(lease).count('leases', at)
        break
      case 'lease.paused':
        if (PAUSES[fact.code].by === 'provider') lease.less = [...without(lease, fact.code), fact.code]
        break
      case 'lease.resumed':
        lease.less = without(lease, fact.code)
        break
      case 'lease.shrunk':
        lease.less = [...without(lease, 'shrunk'), 'shrunk']
        break
      case 'lease.unshrunk':
        lease.less = without(lease, 'shrunk')
        break
      case 'lease.ended':
        if (lease.funded && isBroken(fact)) this.#tallies(lease).count('broken', at)
        this.#open.delete(stream)
        break
      case 'lease.lapsed':
      case 'lease.refused':
      case 'lease.failed':
        this.#open.delete(stream)
    }
    if (lease.made && lease.funded) lease.countedTo ??= at
  }

  #count(lease: Open, at: number, ran: boolean): void {
    const { countedTo, less } = lease
    if (countedTo === undefined) return
    const tallies = this.#tallies(lease)
    tallies.spend('servedMs', countedTo, at)
    if (ran && less.length === 0) tallies.spend('fullMs', countedTo, at)
    lease.countedTo = Math.max(countedTo, at)
  }

  #tallies({ side, peerKey }: Open): Tallies {
    if (side === 'provider') return this.#own
    const known = this.#seen.get(peerKey) ?? new Tallies()
    this.#seen.set(peerKey, known)
    return known
  }

  /** A copy: what is folded later does not change it. @param keys providers that are in it */
  freeze(keys: Iterable<string> = this.#seen.keys()): FrozenTrack {
    return {
      since: this.#since ?? null,
      last: this.#last ?? null,
      own: this.#own.freeze(),
      seen: [...keys].map((key) => [key, this.#seen.get(key)!.freeze()]),
      open: [...this.#open].map(([stream, lease]) => [stream, { ...lease, countedTo: lease.countedTo ?? null }]),
    }
  }

  static thaw({ since, last, own, seen, open }: FrozenTrack): Track {
    const track = new Track()
    track.#since = since ?? undefined
    track.#last = last ?? undefined
    track.#own = Tallies.thaw(own)
    for (const [key, tallies] of seen) track.#seen.set(key, Tallies.thaw(tallies))
    for (const [stream, lease] of open) track.#open.set(stream, { ...lease, countedTo: lease.countedTo ?? undefined })
    return track
  }
}

const without = ({ less }: Open, code: string): string[] => less.filter((one) => one !== code)

/** Ends that nobody is to blame for are not broken ones, whoever chose them. */
const isBroken = ({ code, culprit }: { readonly code: string; readonly culprit: Culprit }): boolean =>
  code === 'provider-silent' || culprit === 'host' || (culprit === 'provider' && code !== 'stopped-by-provider')
