import { spawn } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'

const histories = join(import.meta.dirname, '../histories/journal')
const node = join(import.meta.dirname, '../../node_modules/.bin/node')
const recorded = (position: number, stream: string, version: number, fact: object, ids: readonly string[] = []) => ({
  position,
  stream,
  version,
  fact: { type: 'test.noted', ...fact },
  commandId: ids[0] ?? `at-${position}`,
  correlationId: ids[1] ?? ids[0] ?? `at-${position}`,
})
const FIRST = [
  recorded(1, 's', 1, { at: 1, sats: 5n }, ['c-1', 'lease-7']),
  recorded(2, 't', 1, { at: 2 }, ['c-1', 'lease-7']),
  recorded(3, 's', 2, { at: 3 }),
]

describe('a journal file of an older layout', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zennet-layouts-'))
    path = join(folder, 'journal.db')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const made = async (layout: number): Promise<void> => {
    const db = new DatabaseSync(path)
    db.exec(await readFile(join(histories, `layout-${layout}.sql`), 'utf8'))
    db.close()
  }

  it('1 is turned into today’s, with all that is in it, by two who open it at once', async () => {
    await made(1)
    const journals = await Promise.all([1, 2].map(() => openSqliteJournal({ path })))
    const [journal] = journals
    expect(await journal!.readAll(0)).toEqual(FIRST)
    expect(await journal!.transact([], { commandId: 'c-1' })).toBe(2)
    expect(await journal!.archive(['s'])).toBe(1)
    expect(await journals[1]!.read('s')).toHaveLength(2)
    for (const one of journals) await one.close()
  })

  it('2 is turned into today’s, with what was kept, removed and archived', async () => {
    await made(2)
    await mkdir(`${path}.segments`)
    await copyFile(join(histories, 'layout-2.segment'), `${path}.segments/00000001.jsonl`)
    const journal = await openSqliteJournal({ path })
    const kept = [2, 3].map((version) => recorded(version + 3, 'kept', version, { at: version + 3 }, ['at-4']))
    const away = [1, 2].map((version) => recorded(version + 7, 'away', version, { at: version + 7 }, ['at-8']))
    expect(await journal.readAll(0)).toEqual([...FIRST, ...kept, ...away])
    expect(await journal.read('kept')).toEqual(kept)
    expect(await journal.describe('kept')).toEqual({ version: 3, oldest: 2, retention: { newest: 2 }, state: 'live' })
    expect((await journal.describe('gone')).state).toBe('tombstoned')
    expect(await journal.head()).toBe(9)
    expect(await journal.restore(['away'])).toBe(1)
    const facts = Array.from({ length: 5_000 }, (_, i) => ({ type: 'test.noted', at: i }))
    expect(await journal.transact([{ stream: 'away', expected: 2, facts }])).toBe(5_009)
    expect((await journal.read('away')).map((one) => one.version)).toEqual(
      Array.from({ length: 5_002 }, (_, i) => i + 1),
    )
    await journal.close()
  })

  it('is whole when the process is killed at any moment of that', async () => {
    await made(2)
    const db = new DatabaseSync(path)
    db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 60000)
      INSERT INTO facts SELECT i + 9, 'lease-' || (i % 977), i / 977 + 1, 'test.noted',
        '{"at":1,"type":"test.noted"}', 'at-' || i, NULL FROM n`)
    db.close()
    const module = pathToFileURL(join(import.meta.dirname, '../../src/journal/sqlite.ts')).href
    const script = `import { openSqliteJournal } from '${module}'
      console.log('opening')
      const journal = await openSqliteJournal({ path: process.argv[1] })
      console.log(await journal.head())
      await journal.close()`
    let unfinished = 0
    for (let round = 0; round < 8; round++) {
      const copy = join(folder, `killed-${round}.db`)
      await copyFile(path, copy)
      const child = spawn(node, ['--input-type=module', '--eval', script, copy], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), round * 12))
      await ended
      const layout = new DatabaseSync(copy)
      const { user_version: found } = layout.prepare('PRAGMA user_version').get() as { user_version: number }
      layout.close()
      if (found === 2) unfinished += 1
      const journal = await openSqliteJournal({ path: copy })
      expect(await journal.read('lease-976')).toHaveLength(61)
      expect(await journal.head()).toBe(60_009)
      await journal.close()
    }
    expect(unfinished).toBeGreaterThan(0)
  })
})
