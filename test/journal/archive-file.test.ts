import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fault } from '../../domain/fault.ts'
import { MAX_FACT_BYTES } from '../../src/journal/port.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { faultOf, followUntil } from '../contracts/journal.ts'

const facts = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ type: 'test.noted', at: from + i, sats: 5n, text: 'é"\n💰\u2028],' }))

describe('the archive of a journal file', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zennet-archive-'))
    path = join(folder, 'journal.db')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const segment = (name = '00000001.jsonl') => join(`${path}.segments`, name)
  const rows = (table: string) => {
    const db = new DatabaseSync(path, { readOnly: true })
    const all = db.prepare(`SELECT * FROM ${table} ORDER BY 1`).all()
    db.close()
    return all
  }
  const filled = async () => {
    const journal = await openSqliteJournal({ path })
    for (let i = 0; i < 20; i++) {
      await journal.transact(
        ['a', 'b'].map((stream) => ({ stream, expected: i * 2, facts: facts(i, 2) })),
        { commandId: `c-${i}`, ...(i % 2 ? { correlationId: 'lease-7' } : {}) },
      )
    }
    return journal
  }

  it('moves streams out of the file and back, byte for byte', async () => {
    const journal = await filled()
    const before = rows('facts')
    expect(await journal.archive(['a', 'b'])).toBe(2)
    expect(rows('facts')).toEqual([])
    expect((await stat(segment())).mode & 0o077).toBe(0)
    expect(await readdir(`${path}.segments`)).toEqual(['00000001.jsonl'])
    await journal.close()
    const again = await openSqliteJournal({ path })
    expect(await again.head()).toBe(80)
    expect((await again.readAll(0)).map((r) => r.position)).toEqual(Array.from({ length: 80 }, (_, i) => i + 1))
    expect(await again.restore(['a', 'b'])).toBe(2)
    expect(rows('facts')).toEqual(before)
    await again.close()
  })

  it('writes a segment that can be read without us', async () => {
    const journal = await filled()
    await journal.archive(['b'])
    await journal.close()
    const text = await readFile(segment(), 'utf8')
    const lines = text.trimEnd().split('\n')
    const [head, ...rest] = lines.map((line) => JSON.parse(line))
    expect(head).toEqual({ journal: 'segment', format: 1, number: 1 })
    const { sha256, facts: count } = rest.at(-1)
    expect([count, lines.length]).toEqual([40, 42])
    expect(sha256).toBe(
      createHash('sha256')
        .update(text.slice(0, text.lastIndexOf('{"sha256"')))
        .digest('hex'),
    )
    expect(rest[0]).toEqual([3, 'b', 1, 'test.noted', 'c-0', null, { ...facts(0, 1)[0], sats: { $n: '5' } }])
    expect(rest[2].slice(0, 6)).toEqual([7, 'b', 3, 'test.noted', 'c-1', 'lease-7'])
    expect(rows('segments')).toEqual([{ number: 1, sha256 }])
  })

  it('says that a damaged or missing segment is damaged, and still gives all else', async () => {
    const journal = await filled()
    await journal.archive(['a'])
    await journal.archive(['b'])
    await journal.close()
    const bytes = await readFile(segment())
    const flipped = Buffer.from(bytes)
    flipped.writeUInt8(flipped.readUInt8(300) ^ 1, 300)
    for (const damage of [flipped, bytes.subarray(0, 500), Buffer.alloc(0), undefined]) {
      await (damage === undefined ? rm(segment()) : writeFile(segment(), damage))
      const opened = await openSqliteJournal({ path })
      expect(await faultOf(opened.read('a'))).toBe('journal.corrupt')
      expect(await faultOf(opened.readAll(0))).toBe('journal.corrupt')
      expect(await faultOf(opened.restore(['b', 'a']))).toBe('journal.corrupt')
      expect(await opened.read('b')).toHaveLength(40)
      const at = await opened.transact([{ stream: 'c', expected: 0, facts: [] }])
      await opened.close()
      expect(at).toBe(80)
    }
    await writeFile(segment(), bytes)
    const whole = await openSqliteJournal({ path })
    expect(await whole.readAll(0)).toHaveLength(80)
    await whole.close()
  })

  it('gives every stream that a damage in its segment does not touch, wherever it is, 60 times', async () => {
    const journal = await openSqliteJournal({ path })
    const names = ['a', 'b', 'c', 'd', 'live']
    for (const stream of names) await journal.transact([{ stream, expected: 0, facts: facts(0, 8) }])
    const whole = await Promise.all(names.map((stream) => journal.read(stream)))
    expect(await journal.archive(['a', 'b', 'c', 'd'])).toBe(4)
    await journal.close()
    const bytes = await readFile(segment())
    const blocks = rows('archived').map(({ stream, start, bytes: length }) => ({
      stream: String(stream),
      from: Number(start),
      to: Number(start) + Number(length),
    }))
    let refused = 0
    for (let round = 0; round < 60; round++) {
      const at = Math.floor((bytes.length * round) / 60)
      const isTorn = round % 2 === 0
      const damaged = isTorn ? bytes.subarray(0, at) : Buffer.from(bytes)
      if (!isTorn) damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at)
      await writeFile(segment(), damaged)
      const opened = await openSqliteJournal({ path, worker: round % 3 === 0 })
      for (const [i, stream] of names.entries()) {
        const block = blocks.find((one) => one.stream === stream)
        const isHit = block !== undefined && (isTorn ? block.to > at : block.from <= at && at < block.to)
        if (!isHit) {
          expect(await opened.read(stream)).toEqual(whole[i])
          continue
        }
        refused += 1
        const fault = await opened.read(stream).catch((error: unknown) => error)
        expect(fault).toMatchObject({ code: 'journal.corrupt', message: expect.stringContaining(segment()) })
        expect((fault as Fault).next).toContain('backup')
        expect(await faultOf(opened.restore([stream]))).toBe('journal.corrupt')
      }
      // Others go on, in the same process: what was refused has stopped nobody.
      const version = (await opened.describe('live')).version
      await opened.transact([{ stream: 'other', expected: round, facts: facts(0, 1) }])
      expect(version).toBe(8)
      await opened.close()
    }
    expect(refused).toBeGreaterThan(60)
  }, 300_000)

  it('loses nothing, and goes on, when a segment cannot be written', async () => {
    const journal = await filled()
    await writeFile(`${path}.segments`, 'in the way')
    expect(await faultOf(journal.archive(['a']))).toBe('journal.failed')
    expect(await journal.read('a')).toHaveLength(40)
    expect(await journal.transact([{ stream: 'a', expected: 40, facts: facts(0, 1) }])).toBe(81)
    await rm(`${path}.segments`)
    expect(await journal.archive(['a'])).toBe(1)
    expect(await journal.read('a')).toHaveLength(41)
    await journal.close()
  })

  it('replaces what a crash left of a segment', async () => {
    const journal = await filled()
    await journal.archive(['a'])
    await writeFile(segment('00000002.jsonl'), 'from a process that was killed before its commit')
    await writeFile(segment('00000002.jsonl.part'), 'and from one before that')
    expect(await journal.archive(['b'])).toBe(1)
    expect(await journal.read('b')).toHaveLength(40)
    await journal.close()
  })

  it('is seen by other openings of the file, that read and follow meanwhile', async () => {
    const journal = await filled()
    const other = await openSqliteJournal({ path, worker: true })
    const whole = await other.readAll(0)
    let moved = false
    const moving = (async () => {
      for (let i = 0; i < 20; i++) {
        await journal.archive(i % 2 ? ['a'] : ['a', 'b'])
        await journal.restore(i % 3 ? ['a'] : ['b', 'a'])
      }
      moved = true
    })()
    while (!moved) {
      expect(await other.read('a')).toHaveLength(40)
      expect(await other.readAll(0)).toEqual(whole)
      const seen = await followUntil(other, 40, (all) => all.at(-1)?.kind === 'caught-up')
      expect(seen).toHaveLength(41)
    }
    await moving
    await Promise.all([journal.close(), other.close()])
  })

  it('reads streams larger than what it keeps in memory', async () => {
    const journal = await openSqliteJournal({ path })
    const big = { type: 'test.big', at: 1, pad: 'x'.repeat(MAX_FACT_BYTES - 100) }
    for (const stream of ['a', 'b', 'c']) {
      for (let i = 0; i < 15; i++) await journal.transact([{ stream, expected: i, facts: [big] }])
    }
    expect(await journal.archive(['a', 'b', 'c'])).toBe(3)
    expect((await journal.readAll(0)).map((r) => r.position)).toEqual(Array.from({ length: 45 }, (_, i) => i + 1))
    expect((await journal.read('b')).map((r) => r.version)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1))
    await journal.close()
  })
})
