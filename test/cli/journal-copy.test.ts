import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { copyLog } from '../../src/cli/journal/copy-log.ts'
import { openPlace } from '../../src/cli/journal/place.ts'
import type { Journal } from '../../src/journal/port.ts'
import { faultOf } from '../contracts/journal.ts'
import { type Double, startDouble } from '../journal/kurrentdb-double/double.ts'
import { zennet } from './zennet.ts'

let folder: string
let double: Double
const opened: Journal[] = []
const open = async (place: string) => {
  const journal = await openPlace(place, false)
  opened.push(journal)
  return journal
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zennet-copy-'))
  double = await startDouble()
})
afterEach(async () => {
  for (const journal of opened.splice(0)) await journal.close()
  double.kill()
  await rm(folder, { recursive: true, force: true })
})

const fact = (n: number) => ({ type: 'test.noted', at: n, sats: BigInt(n) })
const fill = async (journal: Journal) => {
  for (let n = 0; n < 20; n++) {
    const unit = [
      { stream: 'a', expected: 2 * n, facts: [fact(n), fact(n + 100)] },
      { stream: `b-${n}`, expected: 0, facts: [fact(n)] },
    ]
    await journal.transact(unit, n % 2 ? { commandId: `c-${n}`, correlationId: 'all' } : {})
  }
}
const factsOf = async (journal: Journal) =>
  (await journal.readAll(0)).map(({ stream, version, fact: held, correlationId }) => [
    stream,
    version,
    held,
    correlationId === 'all',
  ])
const quiet = () => {}

it('moves a log from SQLite to KurrentDB (a double of it) and back', async () => {
  const source = await open(`sqlite:${join(folder, 'a.sqlite')}`)
  await fill(source)
  const middle = await open(double.url)
  expect(await copyLog(source, middle, quiet)).toEqual({ facts: 60, streams: 21, written: 60 })
  const target = await open(`sqlite:${join(folder, 'b.sqlite')}`)
  expect(await copyLog(middle, target, quiet)).toMatchObject({ facts: 60, written: 60 })
  expect(await factsOf(target)).toEqual(await factsOf(source))
  expect(await copyLog(source, middle, quiet)).toMatchObject({ written: 0 })
})

it('goes on where it was stopped', async () => {
  const source = await open(`sqlite:${join(folder, 'a.sqlite')}`)
  await fill(source)
  const target = await open(double.url)
  const stopped = new Error('stopped')
  const stop = (_: string, count: number) => {
    if (count > 30) throw stopped
  }
  await expect(copyLog(source, target, stop)).rejects.toBe(stopped)
  expect(await copyLog(source, target, quiet)).toEqual({ facts: 60, streams: 21, written: 27 })
})

it.each(['to', 'from'] as const)(
  'goes on where it was killed in the middle: %s KurrentDB (a double of it)',
  { timeout: 180_000 },
  async (direction) => {
    const file = `sqlite:${join(folder, 'a.sqlite')}`
    const [from, to] = direction === 'to' ? [file, double.url] : [double.url, file]
    const source = await open(from)
    const streams = 3_000
    for (let n = 0; n < streams; n += 100) {
      const facts = Array.from({ length: 100 }, (_, i) => ({ stream: `s-${n + i}`, expected: 0, facts: [fact(n + i)] }))
      await Promise.all(facts.map((append) => source.transact([append])))
    }
    await source.close()
    const args = ['journal', 'copy', '--from', from, '--to', to]
    const killed = await zennet(args, { home: folder, killAt: /copied 1000 facts/ })
    expect(killed).toMatchObject({ code: null, stdout: '' })
    const done = await zennet(args, { home: folder })
    const [, facts, written] =
      /^(\d+) facts in 3000 streams are the same in both; (\d+) were written now/.exec(done.stdout) ?? []
    expect([done.code, facts]).toEqual([0, '3000'])
    expect(Number(written)).toBeGreaterThan(0)
    expect(Number(written)).toBeLessThanOrEqual(2_000)
    expect(await factsOf(await open(to))).toEqual(await factsOf(await open(from)))
  },
)

it('notices a target that holds something else', async () => {
  const source = await open(`sqlite:${join(folder, 'a.sqlite')}`)
  await fill(source)
  const target = await open(double.url)
  await target.transact([{ stream: 'other', expected: 0, facts: [fact(1)] }])
  expect(await faultOf(copyLog(source, target, quiet))).toBe('journal.differs')
})

it('makes no file out of a source that is not there', async () => {
  expect(await faultOf(openPlace(`sqlite:${join(folder, 'none')}`, true))).toBe('journal.no-file')
  expect(await faultOf(openPlace('nothing', true))).toBe('journal.bad-address')
})
