import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR_MS, HOURS_OF_WEEK, hourOfWeek, MONTH_MS, WEEK_MS } from '../../../domain/availability/availability.ts'
import { KEEP_MS, LENDING_STREAM, type LendingFact, MOST_GAP_MS } from '../../../domain/availability/facts.ts'
import { Track, type TrackFact } from '../../../domain/availability/track.ts'
import type { Side } from '../../../domain/lease/facts.ts'
import { leaseFacts, PROVIDER } from '../lease/sample.ts'

/** A Monday, 00:00 UTC. */
const MONDAY = Date.UTC(2027, 0, 4)
const MINUTE_MS = 60_000
type Event = readonly [minute: number, stream: string, fact: TrackFact]

const lending = (minute: number, fact: Record<string, unknown> & { type: LendingFact['type'] }): Event => [
  minute,
  LENDING_STREAM,
  fact as unknown as LendingFact,
]
/** The machine is lent out, or is not for a reason, from one minute to another; both are said. */
const kept = (from: number, to: number, closed?: string): Event[] => {
  const every = KEEP_MS / MINUTE_MS
  const minutes = Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, i) => from + i * every)
  return [...new Set([...minutes, to])].map((minute) =>
    lending(minute, { type: 'lending.kept', ...(closed && { closed }) }),
  )
}
const began = (minute: number): Event => lending(minute, { type: 'lending.began' })
const ended = (minute: number): Event => lending(minute, { type: 'lending.ended' })
const leased = (
  minute: number,
  type: TrackFact['type'] & `lease.${string}`,
  side: Side,
  more = {},
  id = 'a',
): Event => [minute, `lease-${id}`, { ...leaseFacts(0, side)[type], ...more } as TrackFact]
const served = (minute: number, side: Side, id = 'a'): Event[] =>
  (['sought', 'challenged', 'provisioned', 'funded'] as const).map((name) =>
    leased(minute, `lease.${name}`, side, {}, id),
  )

/** Folded in the order of time. */
const tracked = (...events: (Event | readonly Event[])[]): Track => {
  const track = new Track()
  const all = events.flatMap((one) => (typeof one[0] === 'number' ? [one as Event] : (one as readonly Event[])))
  for (const [minute, stream, fact] of all.sort((a, b) => a[0] - b[0]))
    track.fold(stream, { ...fact, at: MONDAY + minute * MINUTE_MS })
  return track
}
const monthOf = (track: Track, minute: number) => track.own(MONDAY + minute * MINUTE_MS)?.month

describe('how available a provider says that it was', () => {
  it('is nothing before it lent anything', () => {
    expect(new Track().own(MONDAY)).toBeUndefined()
    expect(tracked(began(0)).own(MONDAY)).toBeUndefined()
  })

  it('counts what it lent up to now, and says over how long', () => {
    const track = tracked(began(0), kept(0, 30, undefined), kept(30.5, 60, 'owner-busy'))
    expect(monthOf(track, 62)).toMatchObject({ spanMs: 62 * MINUTE_MS, lentPermille: Math.floor((30.5 / 62) * 1_000) })
  })

  it('counts a node that was stopped, one that was killed, and a machine that slept as not there', () => {
    const stopped = tracked(began(0), kept(0, 20), ended(20), began(40), kept(40, 60))
    expect(monthOf(stopped, 60)?.lentPermille).toBe(666)
    const killed = tracked(began(0), kept(0, 20), began(40), kept(40, 60))
    expect(monthOf(killed, 60)?.lentPermille).toBe(666)
    const asleep = tracked(began(0), kept(0, 20), kept(40, 60))
    expect(40 * MINUTE_MS - 20 * MINUTE_MS).toBeGreaterThan(MOST_GAP_MS)
    expect(monthOf(asleep, 60)?.lentPermille).toBe(666)
    expect(monthOf(tracked(began(0), kept(0, 20), ended(20)), 40)?.lentPermille).toBe(500)
  })

  it('forgets what is older than the time that it is about', () => {
    const days = (count: number) => count * 24 * 60
    const track = tracked(began(0), kept(0, days(10)), ended(days(10)), began(days(35)), kept(days(35), days(45)))
    const told = track.own(MONDAY + days(45) * MINUTE_MS)!
    expect(told.week).toMatchObject({ spanMs: WEEK_MS, lentPermille: 1_000 })
    expect(told.month).toMatchObject({ spanMs: MONTH_MS, lentPermille: 333 })
  })

  it('goes by the hour of the week, from Monday on, where something is known', () => {
    expect(hourOfWeek(MONDAY / HOUR_MS)).toBe(0)
    const { hoursOfWeek } = tracked(began(60), kept(60, 120), kept(120.5, 180, 'outside-hours')).own(
      MONDAY + 180 * MINUTE_MS,
    )!
    expect(hoursOfWeek.length).toBe(HOURS_OF_WEEK)
    expect(hoursOfWeek.slice(0, 4)).toEqual([null, 1_000, 8, null])
  })

  it('never has a share above the whole, whatever the clocks and facts do', () => {
    const fact = fc.tuple(
      fc.integer({ min: 0, max: 100_000 }),
      fc.constantFrom<LendingFact['type']>('lending.began', 'lending.kept', 'lending.ended'),
      fc.boolean(),
    )
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 60 }), fc.integer({ min: 0, max: 120_000 }), (all, now) => {
        const track = new Track()
        for (const [minute, type, isClosed] of all)
          track.fold(LENDING_STREAM, {
            type,
            at: MONDAY + minute * MINUTE_MS,
            ...(isClosed && type === 'lending.kept' ? { closed: 'owner-busy' } : {}),
          } as LendingFact)
        const told = track.own(MONDAY + now * MINUTE_MS)
        for (const { lentPermille, spanMs } of told ? [told.week, told.month] : []) {
          expect(lentPermille).toBeGreaterThanOrEqual(0)
          expect(lentPermille).toBeLessThanOrEqual(1_000)
          expect(spanMs).toBeGreaterThan(0)
        }
      }),
    )
  })
})

describe('what leases of a provider got', () => {
  const lends = [began(0), ...kept(0, 60)]
  it('is all of their time when nothing was taken from them', () => {
    const track = tracked(lends, served(10, 'provider'), leased(50, 'lease.ended', 'provider'))
    expect(monthOf(track, 60)).toMatchObject({ servedMs: 40 * MINUTE_MS, fullPermille: 1_000, leases: 1, broken: 0 })
  })

  it('is less by what its owner took: by pauses and by shrinking, and not by what the publisher asked for', () => {
    const code = 'owner-busy'
    const track = tracked(
      ...[lends, served(0, 'provider'), leased(10, 'lease.paused', 'provider', { code })],
      ...[leased(15, 'lease.shrunk', 'provider'), leased(20, 'lease.resumed', 'provider', { code })],
      ...[leased(25, 'lease.unshrunk', 'provider'), leased(30, 'lease.paused', 'provider')],
    )
    expect(monthOf(track, 60)).toMatchObject({ servedMs: 60 * MINUTE_MS, fullPermille: 750 })
  })

  it('is less by the time in which its node did not run', () => {
    const track = tracked(began(0), kept(0, 20), began(40), kept(40, 60), served(0, 'provider'))
    expect(monthOf(track, 60)).toMatchObject({ servedMs: 60 * MINUTE_MS, fullPermille: 666 })
  })

  it.each([
    ['asleep', []],
    ['stopped', [ended(20)]],
  ])('is less by that time also when a lease’s fact is the first after it: %s', (_, last) => {
    const back = [leased(40, 'lease.shrunk', 'provider'), leased(40, 'lease.unshrunk', 'provider')]
    const track = tracked(began(0), served(0, 'provider'), kept(0, 20), last, back, began(40), kept(40, 60))
    expect(monthOf(track, 60)).toMatchObject({ servedMs: 60 * MINUTE_MS, fullPermille: 666 })
  })

  it.each([
    ['stopped-by-provider', 'provider', 0],
    ['ended-without-notice', 'provider', 1],
    ['provider-paused-too-long', 'provider', 1],
    ['machine-gone', 'host', 1],
    ['provider-silent', 'peer-unreachable', 1],
    ['publisher-silent', 'peer-unreachable', 0],
    ['unpaid', 'publisher', 0],
  ])('ended by %s is broken or not', (code, culprit, broken) => {
    const track = tracked(lends, served(0, 'provider'), leased(1, 'lease.ended', 'provider', { code, culprit }))
    expect(monthOf(track, 60)).toMatchObject({ leases: 1, broken })
  })

  it('has nothing of leases that came to nothing', () => {
    const track = tracked(lends, served(0, 'provider').slice(0, 3), leased(5, 'lease.failed', 'provider'))
    const month = monthOf(track, 60)
    expect(month).toMatchObject({ servedMs: 0, leases: 0 })
    expect(month).not.toHaveProperty('fullPermille')
  })
})

describe('what a publisher saw itself of a provider', () => {
  it('is of its own leases alone, and of each provider apart', () => {
    const other = `02${'99'.repeat(32)}`
    const code = 'owner-busy'
    const [sought, , ...machine] = served(0, 'publisher', 'b')
    const track = tracked(
      ...[served(0, 'publisher'), served(0, 'provider', 'c'), sought!],
      ...[leased(0, 'lease.challenged', 'publisher', { peerKey: other }, 'b'), machine],
      leased(15, 'lease.paused', 'publisher', { code }, 'b'),
      leased(30, 'lease.ended', 'publisher', { code: 'provider-silent', culprit: 'peer-unreachable' }),
    )
    const now = MONDAY + 60 * MINUTE_MS
    expect(track.seen(PROVIDER, now)).toEqual({ servedMs: 30 * MINUTE_MS, fullPermille: 1_000, leases: 1, broken: 1 })
    expect(track.seen(other, now)).toMatchObject({ servedMs: 60 * MINUTE_MS, fullPermille: 250, broken: 0 })
    expect(track.seen(`03${'11'.repeat(32)}`, now)).toBeUndefined()
  })

  it('and all else, goes on from what was put away', () => {
    const events = [began(0), ...kept(0, 60), ...served(3, 'provider'), ...served(4, 'publisher', 'b')]
    const more = [leased(30, 'lease.shrunk', 'provider'), leased(40, 'lease.ended', 'publisher', {}, 'b')]
    const all = [...events, ...more].sort((a, b) => a[0] - b[0])
    for (let cut = 0; cut <= all.length; cut++) {
      let track = tracked(all.slice(0, cut))
      track = Track.thaw(JSON.parse(JSON.stringify(track.freeze())))
      for (const [minute, stream, fact] of all.slice(cut))
        track.fold(stream, { ...fact, at: MONDAY + minute * MINUTE_MS })
      expect(track.freeze()).toEqual(tracked(all).freeze())
    }
  })
})
