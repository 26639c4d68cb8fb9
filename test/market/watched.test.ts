import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BOND_VOUT } from '../../domain/announcement/record.ts'
import { REMEMBERED_BLOCKS } from '../../domain/chain/following.ts'
import type { Fact } from '../../domain/fact.ts'
import type { Side } from '../../domain/lease/facts.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { openSnapshots } from '../../src/journal/snapshots.ts'
import { Watched } from '../../src/market/watched.ts'
import { announcementFacts } from '../domain/announcement/sample.ts'
import { channelFacts } from '../domain/channel/sample.ts'
import { leaseFacts } from '../domain/lease/sample.ts'

const hex = (n: number, bytes: number): string => n.toString(16).padStart(bytes * 2, '0')
const txidOf = (n: number): string => hex(n, 32)
const leaseOf = (n: number): string => hex(n, 16)

/** A log by hand: facts without rules, each as a chain or a peer may bring it. */
const logOf = () => {
  const journal = memoryJournal()
  const versions = new Map<string, number>()
  const put = async (stream: string, ...facts: (Fact & Record<string, unknown>)[]): Promise<void> => {
    const expected = versions.get(stream) ?? 0
    await journal.transact([{ stream, expected, facts }])
    versions.set(stream, expected + facts.length)
  }
  const announced = (n: number, type: keyof ReturnType<typeof announcementFacts>, more: object = {}) =>
    put(`announcement-${txidOf(n)}`, { ...announcementFacts()[type], txid: txidOf(n), ...more })
  const leased = (n: number, type: keyof ReturnType<typeof leaseFacts>, side: Side = 'provider') =>
    put(`lease-${leaseOf(n)}`, {
      ...leaseFacts(0, side)[type],
      ...(type === 'lease.sought' ? { leaseId: leaseOf(n), announcement: `${txidOf(n)}:${BOND_VOUT}`, side } : {}),
    })
  const funded = (n: number, type: keyof ReturnType<typeof channelFacts>, more: object = {}) =>
    put(`channel-${leaseOf(n)}`, { ...channelFacts()[type], txid: txidOf(n), ...more })
  return { journal, put, announced, leased, funded }
}

describe('what a node watches', { timeout: 60_000 }, () => {
  it('is not more after a thousand announcements, leases and channels that are over', async () => {
    const { journal, announced, leased, funded } = logOf()
    const watched = new Watched(journal)
    for (let n = 1; n <= 1_000; n++) {
      await announced(n, 'announcement.seen')
      await leased(n, 'lease.sought')
      await leased(n, 'lease.agreed')
      await funded(n, 'channel.funded')
      await funded(n, 'channel.closed', { height: n })
      await leased(n, 'lease.settled')
      await leased(n, 'lease.released')
      await announced(n, n % 2 ? 'announcement.withdrawn' : 'announcement.expired', n % 2 ? {} : { height: n })
    }
    await watched.catchUp()
    watched.reach(1_000)
    // Two things, each with its place in the queue, for each of the newest blocks.
    expect(watched.size).toBeLessThanOrEqual(4 * (REMEMBERED_BLOCKS + 1))
    watched.reach(1_000 + REMEMBERED_BLOCKS)
    expect(watched.size).toBe(0)
    expect(watched.fundedBy(txidOf(1_000))).toEqual([])
    expect(watched.bond({ txid: txidOf(1_000), vout: BOND_VOUT })).toBeUndefined()
  })

  it('is there again after a reorganisation, and then stays', async () => {
    const { journal, announced, funded } = logOf()
    const watched = new Watched(journal)
    await announced(1, 'announcement.seen')
    await funded(1, 'channel.funded', { vout: 0 })
    await funded(1, 'channel.closed', { height: 10 })
    await announced(1, 'announcement.withdrawn')
    await watched.catchUp()
    expect(watched.standing.has(txidOf(1))).toBe(false)
    expect(watched.funding({ txid: txidOf(1), vout: 0 })).toBe(leaseOf(1))
    await funded(1, 'channel.reopened')
    await announced(1, 'announcement.restored')
    await watched.catchUp()
    watched.reach(10_000)
    expect(watched.standing.has(txidOf(1))).toBe(true)
    expect(watched.bond({ txid: txidOf(1), vout: BOND_VOUT })).toBe(txidOf(1))
    expect(watched.funding({ txid: txidOf(1), vout: 0 })).toBe(leaseOf(1))
    expect(watched.funding({ txid: txidOf(1), vout: 1 })).toBeUndefined()
  })

  it('has the own announcements with the places that are filled, until the bond is spent', async () => {
    const { journal, announced, leased } = logOf()
    const watched = new Watched(journal)
    await announced(1, 'announcement.posted')
    await announced(1, 'announcement.seen')
    await leased(1, 'lease.sought', 'publisher')
    await leased(1, 'lease.funded', 'publisher')
    await announced(1, 'announcement.expired', { height: 5 })
    await watched.catchUp()
    watched.reach(10_000)
    expect(watched.own()).toEqual([txidOf(1)])
    expect(watched.filled(txidOf(1))).toEqual([leaseOf(1)])
    await announced(1, 'announcement.withdrawn')
    await watched.catchUp()
    expect(watched.own()).toEqual([])
  })

  it.each<[string, Side, (keyof ReturnType<typeof leaseFacts>)[], boolean]>([
    ['runs', 'provider', ['lease.agreed'], true],
    ['came to nothing before it was agreed', 'provider', ['lease.lapsed'], false],
    ['is settled, with a machine that stands', 'provider', ['lease.agreed', 'lease.settled'], true],
    ['is settled, with its machine gone', 'provider', ['lease.agreed', 'lease.released', 'lease.settled'], false],
    ['is settled', 'publisher', ['lease.agreed', 'lease.settled'], false],
    ['runs', 'publisher', ['lease.agreed'], true],
  ])('a lease that %s (%s) is taken up again or not', async (_what, side, types, isOpen) => {
    const { journal, leased } = logOf()
    await leased(1, 'lease.sought', side)
    for (const type of types) await leased(1, type, side)
    const watched = new Watched(journal)
    await watched.catchUp()
    expect(watched.open(side)).toEqual(isOpen ? [leaseOf(1)] : [])
    expect(watched.open(side === 'provider' ? 'publisher' : 'provider')).toEqual([])
  })
})

describe('a start from a snapshot', { timeout: 60_000 }, () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zennet-watched-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  const opened = () => openSnapshots({ path: join(folder, 'snapshots.sqlite'), log: silent })

  const seen = (watched: Watched) => ({
    standing: [...watched.standing].sort(),
    provider: [...watched.open('provider')].sort(),
    publisher: [...watched.open('publisher')].sort(),
    own: [...watched.own()].sort(),
    filled: [1, 2, 3].map((n) => watched.filled(txidOf(n))),
    bonds: [1, 2, 3].map((n) => watched.bond({ txid: txidOf(n), vout: BOND_VOUT })),
    fundings: [1, 2, 3].map((n) => watched.fundedBy(txidOf(n))),
  })

  it('sees what is seen from the beginning, wherever it was taken', async () => {
    const about = fc.constantFrom(1, 2, 3)
    const types = {
      announced: Object.keys(announcementFacts()),
      leased: Object.keys(leaseFacts()),
      funded: Object.keys(channelFacts()),
    }
    const step = fc.oneof(
      ...(['announced', 'leased', 'funded'] as const).map((kind) =>
        fc.tuple(fc.constant(kind), about, fc.constantFrom(...types[kind]), fc.nat({ max: 400 })),
      ),
    )
    let used = 0
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 40 }), async (steps) => {
        const log = logOf()
        for (const [[kind, n, type, height], cut] of steps) {
          const changed = /confirmed|expired|opened|closed|refunded/.test(type) ? { height } : {}
          if (kind === 'announced') await log.announced(n, type as never, changed)
          if (kind === 'leased') await log.leased(n, type as never)
          if (kind === 'funded') await log.funded(n, type as never, changed)
          if (!cut) continue
          const snapshots = await opened()
          await new Watched(log.journal, snapshots).catchUp()
          used += snapshots.counts.used
          await snapshots.close()
        }
        const snapshots = await opened()
        const [fresh, resumed] = [new Watched(log.journal), new Watched(log.journal, snapshots)]
        await fresh.catchUp()
        await resumed.catchUp()
        expect(seen(resumed)).toEqual(seen(fresh))
        await snapshots.close()
        await rm(join(folder, 'snapshots.sqlite'), { force: true })
      }),
      { numRuns: 25 },
    )
    expect(used).toBeGreaterThan(0)
  })

  it('is written while a node runs, so that one that is killed looks through a part of the log again', async () => {
    const { journal, announced, put } = logOf()
    for (let n = 1; n <= 20; n++) await announced(n, 'announcement.seen')
    const snapshots = await opened()
    const running = new Watched(journal, snapshots)
    await running.catchUp()
    for (let n = 0; n < 6; n++)
      await put('other', ...Array.from({ length: 10_000 }, (_, i) => ({ type: 'other.thing', at: i })))
    await running.catchUp()
    await vi.waitFor(() => expect(snapshots.counts.written).toBe(1), { timeout: 30_000 })
    // As after a kill: nothing was closed, and another process opens the file.
    await put('other', { type: 'other.thing', at: 1 })
    const asked: number[] = []
    const counting = {
      ...journal,
      readAll: (after: number, ...rest: [never, never]) => {
        asked.push(after)
        return journal.readAll(after, ...rest)
      },
    }
    const next = await opened()
    const resumed = new Watched(counting, next)
    await resumed.catchUp()
    expect(resumed.standing.size).toBe(20)
    expect(asked).toEqual([60_019, 60_020])
    await next.close()
    await snapshots.close()
  })

  it('reads no more of the log than came after it, and all of it when the log is another one', async () => {
    const { journal, announced, put } = logOf()
    for (let n = 1; n <= 20; n++) await announced(n, 'announcement.seen')
    const first = await opened()
    await new Watched(journal, first).catchUp()
    await first.close()
    await put('other', { type: 'other.thing', at: 1 })
    const asked: number[] = []
    const second = await opened()
    const counting = {
      ...journal,
      readAll: (after: number, ...rest: [never, never]) => {
        asked.push(after)
        return journal.readAll(after, ...rest)
      },
    }
    const watched = new Watched(counting, second)
    await watched.catchUp()
    await watched.catchUp()
    expect(asked).toEqual([19, 20])
    expect(watched.standing.size).toBe(20)
    await second.close()
    const other = logOf()
    for (let n = 101; n <= 120; n++) await other.announced(n, 'announcement.seen')
    const third = await opened()
    const anew = new Watched(other.journal, third)
    await anew.catchUp()
    expect([...anew.standing.keys()]).toEqual(Array.from({ length: 20 }, (_, i) => txidOf(101 + i)))
    expect(third.counts.dropped).toBe(1)
    await third.close()
  })
})
