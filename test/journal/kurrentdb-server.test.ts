import { afterEach, describe, expect, it } from 'vitest'
import { type KurrentdbJournal, openKurrentdbJournal } from '../../src/journal/kurrentdb.ts'
import { eventId } from '../../src/journal/kurrentdb-event.ts'
import { PAGE_BYTES } from '../../src/journal/kurrentdb-read.ts'
import { parseKurrentdbUrl } from '../../src/journal/kurrentdb-url.ts'
import { MAX_FACT_BYTES, MAX_READ_BYTES, type Recorded } from '../../src/journal/port.ts'
import { faultOf, followUntil } from '../contracts/journal.ts'
import { type Double, type DoubleOptions, startDouble } from './kurrentdb-double/double.ts'

const fact = (n: number) => ({ type: n % 2 ? 'test.odd' : 'test.even', at: n })
const opened: { double?: Double; journals: KurrentdbJournal[] } = { journals: [] }
const open = async (double: Double, log = '') => {
  opened.double = double
  const journal = await openKurrentdbJournal({ url: `${double.url}${log}` })
  opened.journals.push(journal)
  return journal
}
const start = async (options: DoubleOptions = {}) => open(await startDouble(options))
afterEach(async () => {
  for (const journal of opened.journals.splice(0)) await journal.close()
  opened.double?.kill()
})

const several = [
  { stream: 'a', expected: 0, facts: [fact(1)] },
  { stream: 'b', expected: 0, facts: [fact(2), fact(3)] },
]

describe('what an older server cannot do', () => {
  it.each([
    ['23.10', false, false],
    ['25.1', true, false],
    ['26.1', true, true],
  ] as const)('%s: several streams %s, versions only checked %s', async (version, multiStream, versionChecks) => {
    const journal = await start({ version })
    expect(journal.capabilities).toMatchObject({ multiStream, versionChecks, gaplessPositions: false })
    const unit = journal.transact(several, { commandId: 'c' })
    if (multiStream) {
      expect(await unit).toBe(await journal.head())
      expect(await journal.transact(several, { commandId: 'c' })).toBe(await journal.head())
      expect(await faultOf(journal.transact(several, { commandId: 'd' }))).toBe('journal.conflict')
    } else {
      expect(await faultOf(unit)).toBe('journal.one-stream')
      for (const append of several) await journal.transact([append])
    }
    expect(opened.double?.store.log).toHaveLength(3)
    const checking = [
      { stream: 'a', expected: 1, facts: [fact(4)] },
      { stream: 'b', expected: 2, facts: [] },
    ]
    const checked = journal.transact(checking)
    if (versionChecks) expect(await checked).toBe(await journal.head())
    else expect(await faultOf(checked)).toBe('journal.one-stream')
  })

  it('conflicts on a stream that is only checked, and writes nothing', async () => {
    const journal = await start()
    await journal.transact(several)
    const unit = [
      { stream: 'a', expected: 1, facts: [fact(4)] },
      { stream: 'b', expected: 1, facts: [] },
    ]
    expect(await journal.transact(unit).catch((error) => error)).toMatchObject({ stream: 'b', expected: 1, actual: 2 })
    expect(await journal.read('a')).toHaveLength(1)
  })
})

describe('one cluster, several logs', () => {
  it('keeps them apart', async () => {
    const double = await startDouble()
    const one = await open(double, '#one')
    const two = await open(double, '#two')
    await one.transact([{ stream: 's', expected: 0, facts: [fact(1)] }])
    const position = await two.transact([{ stream: 's', expected: 0, facts: [fact(2)] }])
    expect((await one.readAll(0)).map(({ fact: { at } }) => at)).toEqual([1])
    expect((await two.readAll(0, { types: ['test.even', 'test.odd'] })).map(({ fact: { at } }) => at)).toEqual([2])
    expect(await one.head()).toBeLessThan(position)
    const seen = await followUntil(two, 0, (all) => all.at(-1)?.kind === 'caught-up', { types: ['test.none'] })
    expect(seen).toEqual([{ kind: 'caught-up', position }])
  })

  it('wakes a follower for what another process appends', async () => {
    const double = await startDouble()
    const mine = await open(double)
    const theirs = await open(double)
    const following = followUntil(mine, 0, (all) => all.some(({ kind }) => kind === 'fact'))
    await followUntil(mine, 0, () => true)
    await theirs.transact([{ stream: 's', expected: 0, facts: [fact(1)] }])
    expect((await following).at(-1)).toMatchObject({ kind: 'fact' })
  })
})

describe('kurrentdb', () => {
  it('reads from a number at which no fact stands', async () => {
    const journal = await start()
    for (let n = 0; n < 3; n++) await journal.transact([{ stream: 's', expected: n, facts: [fact(n)] }])
    const [, second] = await journal.readAll(0)
    const at = second!.position
    expect((await journal.readAll(at - 1, undefined, 1)).map((one) => one.position)).toEqual([at])
    expect((await journal.readAllBackward(at + 1, undefined, 1)).map((one) => one.position)).toEqual([at])
  })

  it('holds no more of a huge stream in memory than a read may give, and gives all of it in pieces', async () => {
    const journal = await start()
    const big = (at: number) => ({ type: 'test.big', at, pad: 'x'.repeat(MAX_FACT_BYTES - 100) })
    const count = 80
    for (let n = 0; n < count; n += 20) {
      const facts = Array.from({ length: 20 }, (_, i) => big(n + i))
      await journal.transact([{ stream: 'big', expected: n, facts }])
    }
    const most = Math.ceil(MAX_READ_BYTES / (MAX_FACT_BYTES - 100)) + Math.ceil(PAGE_BYTES / (MAX_FACT_BYTES - 100))
    const sizes: number[] = []
    const gathered = async (next: (last: Recorded | undefined) => Promise<Recorded[]>): Promise<number[]> => {
      const found: Recorded[] = []
      for (;;) {
        const piece = await next(found.at(-1))
        if (piece.length === 0) return found.map(({ version }) => version)
        sizes.push(piece.length)
        found.push(...piece)
      }
    }
    const all = Array.from({ length: count }, (_, i) => i + 1)
    expect(await gathered((last) => journal.readAll(last?.position ?? 0))).toEqual(all)
    expect(await gathered((last) => journal.readBackward('big', last?.version, 1_000))).toEqual(all.toReversed())
    expect(Math.max(...sizes)).toBeLessThanOrEqual(most)
    expect(sizes.length).toBe(4)
  }, 300_000)

  it('refuses a stream that was removed for ever', async () => {
    const journal = await start()
    await journal.transact([{ stream: 's', expected: 0, facts: [fact(1)] }])
    opened.double?.store.remove('zennet:s')
    expect(await faultOf(journal.transact([{ stream: 's', expected: 1, facts: [fact(2)] }]))).toBe('journal.tombstoned')
    expect(await journal.read('s')).toEqual([])
  })

  it('gives one event id to one fact of one command, as RFC 9562 wants it', () => {
    expect(eventId('c', 0)).toBe(eventId('c', 0))
    expect(new Set([eventId('c', 0), eventId('c', 1), eventId('d', 0)]).size).toBe(3)
    expect(eventId('c', 0)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it('takes an address apart, and never shows a password', async () => {
    const place = parseKurrentdbUrl('kurrentdb://me:secret@a:2113,b:2113?tls=true#market.1')
    expect(place).toEqual({
      connection: 'kurrentdb://me:secret@a:2113,b:2113?tls=true',
      prefix: 'market.1:',
      shown: 'kurrentdb://a:2113,b:2113#market.1',
    })
    for (const bad of ['', 'http://a', 'kurrentdb://a#A', 'kurrentdb://a#b:c', 'kurrentdb://a#b#c', 'kurrentdb:// a']) {
      expect(await faultOf((async () => parseKurrentdbUrl(bad))())).toBe('journal.bad-address')
    }
  })
})
