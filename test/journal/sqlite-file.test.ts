import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { faultOf, followUntil } from '../contracts/journal.ts'

const node = join(import.meta.dirname, '../../node_modules/.bin/node')
const writer = join(import.meta.dirname, 'append-for-ever.ts')
const noted = (n: number) => ({ type: 'test.noted', at: n })

describe('the journal file', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zennet-journal-'))
    path = join(folder, 'deep', 'journal.db')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const filled = async (count: number) => {
    const journal = await openSqliteJournal({ path })
    const facts = Array.from({ length: count }, (_, i) => ({ ...noted(i), pad: 'x'.repeat(300) }))
    await journal.transact([{ stream: 's', expected: 0, facts }], { commandId: 'filled' })
    await journal.close()
  }

  it('keeps everything when opened again, and is for this user alone', async () => {
    await filled(3)
    const journal = await openSqliteJournal({ path })
    expect((await journal.read('s')).map((r) => r.fact.at)).toEqual([0, 1, 2])
    expect(await journal.transact([{ stream: 's', expected: 0, facts: [noted(9)] }], { commandId: 'filled' })).toBe(3)
    expect(await journal.transact([{ stream: 's', expected: 3, facts: [noted(9)] }])).toBe(4)
    expect((await stat(path)).mode & 0o077).toBe(0)
    await journal.close()
  })

  it('does not touch a foreign file', async () => {
    path = join(folder, 'foreign.db')
    const text = 'not a database at all, but long enough to have been one, with some more words\n'.repeat(20)
    await writeFile(path, text)
    expect(await faultOf(openSqliteJournal({ path }))).toBe('journal.foreign-file')
    expect(await readFile(path, 'utf8')).toBe(text)

    path = join(folder, 'other.db')
    const other = new DatabaseSync(path)
    other.exec('CREATE TABLE photos (id INTEGER)')
    other.close()
    const before = await readFile(path)
    expect(await faultOf(openSqliteJournal({ path }))).toBe('journal.foreign-file')
    expect(await readFile(path)).toEqual(before)
  })

  it('does not open a file of a newer version', async () => {
    await filled(1)
    const db = new DatabaseSync(path)
    db.exec('PRAGMA user_version = 999')
    db.close()
    expect(await faultOf(openSqliteJournal({ path }))).toBe('journal.newer-file')
  })

  it('says that a damaged file is damaged', async () => {
    await filled(500)
    const bytes = await readFile(path)
    await writeFile(path, bytes.subarray(0, bytes.length / 2))
    expect(await faultOf(openSqliteJournal({ path }))).toBe('journal.corrupt')
    bytes.fill(0xa5, 8_192, bytes.length - 8_192)
    await writeFile(path, bytes)
    expect(await faultOf(openSqliteJournal({ path }))).toBe('journal.corrupt')
  })

  it('says so when the path is a folder', async () => {
    expect(await faultOf(openSqliteJournal({ path: folder }))).toBe('journal.failed')
  })

  it('refuses when another process holds the lock, writes nothing, and goes on afterwards', async () => {
    const journal = await openSqliteJournal({ path })
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    expect(await faultOf(journal.transact([{ stream: 's', expected: 0, facts: [noted(1)] }]))).toBe('journal.locked')
    other.exec('ROLLBACK')
    other.close()
    expect(await journal.transact([{ stream: 's', expected: 0, facts: [noted(1)] }])).toBe(1)
    await journal.close()
  })

  it('takes appends from several openings of one file, with conflicts where they clash', async () => {
    const journals = await Promise.all([1, 2, 3].map(() => openSqliteJournal({ path })))
    const [one] = journals
    const total = 3 * 60
    const following = followUntil(one!, 0, (seen) => seen.filter((s) => s.kind === 'fact').length === total)
    await Promise.all(
      journals.map(async (journal, j) => {
        for (let i = 0; i < 60; i++) {
          await journal.transact([{ stream: `own-${j}`, expected: i, facts: [noted(i)] }])
        }
      }),
    )
    const positions = (await following).flatMap((s) => (s.kind === 'fact' ? [s.recorded.position] : []))
    expect(positions).toEqual(Array.from({ length: total }, (_, i) => i + 1))
    const clash = await Promise.allSettled(
      journals.map((journal) => journal.transact([{ stream: 'same', expected: 0, facts: [noted(0)] }])),
    )
    expect(clash.map((c) => c.status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(await Promise.all(journals.map((journal) => journal.head()))).toEqual([total + 1, total + 1, total + 1])
    await Promise.all(journals.map((journal) => journal.close()))
  })

  it('sees live what another process appends, and appends between', async () => {
    const journal = await openSqliteJournal({ path })
    const child = spawn(node, [writer, path, 'other'], { stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.resume()
    const ended = new Promise((resolve) => child.once('exit', resolve))
    let theirs = 0
    let own = 0
    const positions: number[] = []
    const stop = new AbortController()
    for await (const followed of journal.follow(0, undefined, stop.signal)) {
      if (followed.kind === 'caught-up') continue
      const { position, stream } = followed.recorded
      positions.push(position)
      if (stream !== 'own') theirs += 1
      // Its pace is set by what it sees of the other's, so both really write at once.
      if (theirs === (own + 1) * 20) {
        await journal.transact([{ stream: 'own', expected: own, facts: [noted(own)] }])
        own += 1
      }
      if (own === 20) stop.abort()
    }
    child.kill('SIGKILL')
    await ended
    expect(positions).toEqual(Array.from(positions, (_, i) => i + 1))
    expect((await journal.read('own')).map((r) => r.version)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    await journal.close()
  })

  it('says so when the file cannot grow, and keeps what it acknowledged', async () => {
    // A limit of 2 MB on each file of the child; without the signal, writing past it is an error like a full disk's.
    const script = `trap '' XFSZ; ulimit -f 2000; exec "$0" "$@"`
    const child = spawn('bash', ['-c', script, node, writer, path, 'full'], { stdio: ['ignore', 'pipe', 'inherit'] })
    let newest = 0
    let fault = ''
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('fault')) fault = line
      else newest = Math.max(newest, Number(line.split(' ')[0]))
    }
    expect(fault).toMatch(/^fault journal\.(failed|disk-full)$/)
    expect(newest).toBeGreaterThan(0)
    const journal = await openSqliteJournal({ path })
    expect(await journal.head()).toBeGreaterThanOrEqual(newest)
    expect((await journal.head()) % 2).toBe(0)
    await journal.close()
  })
})
