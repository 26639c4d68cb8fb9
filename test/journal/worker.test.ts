import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Conflict } from '../../src/journal/port.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { openWorkerStore } from '../../src/journal/worker-store.ts'
import { faultOf, followUntil } from '../contracts/journal.ts'

describe('the journal in a thread', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zennet-thread-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('says why a file cannot be opened', async () => {
    const path = join(folder, 'foreign.db')
    await writeFile(path, 'not a database at all, but long enough to have been one\n'.repeat(40))
    expect(await faultOf(openSqliteJournal({ path, worker: true }))).toBe('journal.foreign-file')
    expect(await faultOf(openSqliteJournal({ path: folder, worker: true }))).toBe('journal.failed')
  })

  it('gives faults as what they are', async () => {
    const journal = await openSqliteJournal({ path: join(folder, 'journal.db'), worker: true })
    const conflict = await journal.transact([{ stream: 's', expected: 3, facts: [] }]).catch((error) => error)
    expect(conflict).toBeInstanceOf(Conflict)
    await journal.tombstone('s', 0)
    expect(await faultOf(journal.retain('s', {}))).toBe('journal.tombstoned')
    await journal.close()
  })

  it('sees what an opening in the main thread appends, and the other way round', async () => {
    const path = join(folder, 'journal.db')
    const [one, two] = [await openSqliteJournal({ path }), await openSqliteJournal({ path, worker: true })]
    const isThird = (seen: readonly unknown[]) =>
      seen.filter((item) => (item as { kind: string }).kind === 'fact').length === 3
    const following = [followUntil(one, 0, isThird), followUntil(two, 0, isThird)]
    for (const [version, journal] of [one, two, one].entries()) {
      await journal.transact([{ stream: 's', expected: version, facts: [{ type: 'a.b', at: version }] }])
    }
    for (const seen of await Promise.all(following)) expect(seen.at(-1)).toMatchObject({ recorded: { position: 3 } })
    await Promise.all([one.close(), two.close()])
  })

  it('lets the process end, and not before it is closed', async () => {
    const module = pathToFileURL(join(import.meta.dirname, '../../src/journal/sqlite.ts')).href
    const program = `const { openSqliteJournal } = await import(${JSON.stringify(module)})
      const journal = await openSqliteJournal({ path: process.argv[1], worker: true })
      await journal.transact([{ stream: 's', expected: 0, facts: [{ type: 'a.b', at: 1 }] }])
      await journal.close()
      console.log('closed')
      await openSqliteJournal({ path: process.argv[1], worker: true })
      console.log('left open')`
    const args = ['--input-type=module', '--eval', program, join(folder, 'journal.db')]
    const { stdout } = await promisify(execFile)(join(import.meta.dirname, '../../node_modules/.bin/node'), args)
    expect(stdout).toBe('closed\nleft open\n')
  })

  it('answers whoever waits when the thread ends', async () => {
    const store = await openWorkerStore(join(folder, 'journal.db'))
    const waiting = store.beyond(0, new AbortController().signal)
    await store.close()
    await waiting
    expect(await faultOf(store.head())).toBe('journal.closed')
    await store.close()
  })
})
