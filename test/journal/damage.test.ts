import { cp, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Fault } from '../../domain/fault.ts'
import type { Recorded } from '../../src/journal/port.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { checkJournalFile } from '../../src/journal/sqlite-check.ts'
import { rescueJournalFile } from '../../src/journal/sqlite-rescue.ts'
import { faultOf } from '../contracts/journal.ts'

const PAGE = 4_096
const STREAMS = 7

describe('a damaged journal', () => {
  let folder: string
  let path: string
  let whole: readonly Recorded[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zennet-damage-'))
    path = join(folder, 'journal.db')
    const journal = await openSqliteJournal({ path })
    for (let i = 0; i < 80; i++) {
      const appends = Array.from({ length: STREAMS }, (_, s) => ({
        stream: `s-${s}`,
        expected: i * 5,
        facts: Array.from({ length: 5 }, (_, n) => ({ type: 'test.noted', at: i, n: `mark-${s}-${i * 5 + n + 1}.` })),
      }))
      await journal.transact(appends, { commandId: `c-${i}` })
    }
    await journal.archive(['s-6'])
    whole = await journal.readAll(0)
    expect(whole).toHaveLength(400 * STREAMS)
    await journal.close()
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const overwrite = async (at: number, bytes: Buffer) => {
    const file = await open(path, 'r+')
    await file.write(bytes, 0, bytes.length, at)
    await file.close()
  }

  it('is said to be whole when it is', () => {
    expect(checkJournalFile(path)).toEqual({ facts: whole.length, lost: [], damages: [] })
  })

  it('gives no fact with a flipped bit, and all others', async () => {
    const at = (await readFile(path)).indexOf('mark-3-77.')
    await overwrite(at + 7, Buffer.from('8'))
    const journal = await openSqliteJournal({ path })
    const refused = await journal.read('s-3').catch((error) => error)
    expect(refused).toMatchObject({ code: 'journal.corrupt' })
    expect(refused.next).toContain('zennet journal check')
    expect(await faultOf(journal.readAll(0))).toBe('journal.corrupt')
    expect(await faultOf(journal.archive(['s-3']))).toBe('journal.corrupt')
    expect(await journal.read('s-3', 77)).toEqual(whole.filter((r) => r.stream === 's-3').slice(77))
    expect(await journal.read('s-2')).toHaveLength(400)
    expect(await journal.transact([{ stream: 's-3', expected: 400, facts: [{ type: 'a.b', at: 1 }] }])).toBe(2_801)
    await journal.close()
    const { facts, lost, damages } = checkJournalFile(path)
    expect([facts, damages]).toEqual([whole.length, []])
    expect(lost).toMatchObject([{ stream: 's-3', version: 77 }])
  })

  it('shows nothing that was not written, whatever page is damaged, and what is left of it can be rescued', async () => {
    const bytes = await readFile(path)
    const pages = bytes.length / PAGE
    const original = new Map(whole.map((one) => [one.position, one]))
    let noticed = 0
    let rescues = 0
    for (let page = 1; page < pages; page += 6) {
      const target = join(folder, `rescued-${page}.db`)
      for (const [offset, length] of [[0, 48] as const, [1_900, 200] as const]) {
        const damaged = Buffer.from(bytes)
        damaged.fill(0xa5, page * PAGE + offset, page * PAGE + offset + length)
        await writeFile(path, damaged)
        const found = await openAndRead(path)
        if (found instanceof Fault) {
          expect(found.code).toBe('journal.corrupt')
          noticed += 1
        } else expect(found).toEqual(whole)
        const { lost, damages, facts } = checkJournalFile(path)
        if (found instanceof Fault) expect(lost.length + damages.length).toBeGreaterThan(0)

        const rescued = await rescueJournalFile(path, target)
        rescues += 1
        expect(rescued.facts).toBe(facts)
        const after = await openSqliteJournal({ path: target })
        const read = await after.readAll(0).catch((error: Fault) => error)
        if (rescued.damages.length === 0) {
          if (read instanceof Fault) throw read
          for (const one of read) expect(one).toEqual(original.get(one.position))
          expect(read.length + rescued.lost.length).toBe(whole.length)
          expect(await after.head()).toBe(whole.length)
        }
        expect(await after.transact([{ stream: 'new', expected: 0, facts: [{ type: 'a.b', at: 1 }] }])).toBe(
          await after.head(),
        )
        await after.close()
        for (const name of ['', '-wal', '-shm', '.segments'])
          await rm(`${target}${name}`, { recursive: true, force: true })
      }
    }
    expect(noticed).toBeGreaterThan(10)
    expect(rescues).toBeGreaterThan(noticed)
  }, 60_000)

  it('gives out no version of a lost fact again', async () => {
    const at = (await readFile(path)).indexOf('mark-5-400.')
    await overwrite(at, Buffer.from('M'))
    const target = join(folder, 'rescued.db')
    const { lost, facts } = await rescueJournalFile(path, target)
    expect(lost).toMatchObject([{ stream: 's-5', version: 400 }])
    expect(facts).toBe(whole.length - 1)
    const journal = await openSqliteJournal({ path: target })
    expect((await journal.describe('s-5')).version).toBe(400)
    expect(await journal.read('s-6')).toEqual(whole.filter(({ stream }) => stream === 's-6'))
    expect(await faultOf(journal.transact([{ stream: 's-5', expected: 399, facts: [] }]))).toBe('journal.conflict')
    expect(await journal.transact([], { commandId: 'c-3' })).toBe(4 * 5 * STREAMS)
    await journal.close()
    expect(await faultOf(rescueJournalFile(path, target))).toBe('journal.in-the-way')
    expect(checkJournalFile(target)).toMatchObject({ facts: whole.length - 1, lost: [], damages: [] })
  })

  it('names a stream of the archive that is damaged', async () => {
    const segment = `${path}.segments/00000001.jsonl`
    const text = await readFile(segment)
    text.writeUInt8(text.readUInt8(900) ^ 1, 900)
    await writeFile(segment, text)
    const { facts, lost, damages } = checkJournalFile(path)
    expect([facts, lost]).toEqual([400 * (STREAMS - 1), []])
    expect(damages).toHaveLength(1)
    expect(damages[0]).toContain('s-6')
  })

  it('gives a clean prefix when its write-ahead log is damaged in the middle', async () => {
    const journal = await openSqliteJournal({ path })
    for (let i = 0; i < 40; i++) {
      await journal.transact([{ stream: 'wal', expected: i, facts: [{ type: 'a.b', at: i }] }])
    }
    const copy = join(folder, 'copy.db')
    const [main, wal] = await Promise.all([readFile(path), readFile(`${path}-wal`)])
    await cp(`${path}.segments`, `${copy}.segments`, { recursive: true })
    await journal.close()
    let shortest = 40
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const damaged = Buffer.from(wal)
      damaged.fill(0xa5, Math.floor(wal.length * share), Math.floor(wal.length * share) + 40)
      await writeFile(copy, main)
      await writeFile(`${copy}-wal`, damaged)
      const opened = await openSqliteJournal({ path: copy })
      const found = await opened.read('wal')
      expect(found.map(({ version }) => version)).toEqual(Array.from(found, (_, i) => i + 1))
      expect((await opened.readAll(0)).slice(0, whole.length)).toEqual(whole)
      shortest = Math.min(shortest, found.length)
      await opened.close()
    }
    expect(shortest).toBeLessThan(40)
  })
})

const openAndRead = async (path: string): Promise<readonly Recorded[] | Fault> => {
  try {
    const journal = await openSqliteJournal({ path })
    try {
      for (let stream = 0; stream < STREAMS; stream++) await journal.read(`s-${stream}`)
      return await journal.readAll(0)
    } finally {
      await journal.close()
    }
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
}
