import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { zennet } from './zennet.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zennet-journal-cli-'))
  path = join(folder, 'journal.sqlite')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const run = (...args: string[]) => zennet(['journal', ...args], { home: folder })
const facts = (count: number) => Array.from({ length: count }, (_, at) => ({ type: 'test.noted', at }))

it('says how much there is, and moves streams to the archive and back, while the log is open', {
  timeout: 120_000,
}, async () => {
  const journal = await openSqliteJournal({ path })
  for (const [at, stream] of ['lease-a', 'lease-b', 'lease-c', 'lease-d'].entries())
    await journal.transact([{ stream, expected: 0, facts: facts(at + 1) }])
  await journal.tombstone('lease-d', 4)
  const info = async () => JSON.parse((await run('info', path, '-o', 'json')).stdout)
  expect(await info()).toMatchObject({
    path,
    layout: 3,
    head: 10,
    facts: 6,
    streams: 3,
    archivedStreams: 0,
    segments: 0,
  })

  const archived = await run('archive', path, 'lease-a', 'lease-b', 'lease-none')
  expect(archived).toMatchObject({ code: 0, stdout: '' })
  expect(archived.stderr).toContain('2 of 3 streams moved to the archive; 1 had nothing there to move')
  const after = await info()
  expect(after).toMatchObject({ head: 10, facts: 3, streams: 1, archivedStreams: 2, tombstonedStreams: 1, segments: 1 })
  expect(after.segmentBytes).toBeGreaterThan(0)
  // Whoever has the file open sees it at once, and reads on as before.
  expect((await journal.describe('lease-b')).state).toBe('archived')
  expect(await journal.read('lease-b')).toHaveLength(2)

  expect((await run('restore', path, 'lease-b')).stderr).toContain('1 of 1 streams moved back')
  await journal.transact([{ stream: 'lease-b', expected: 2, facts: facts(1) }])
  const table = await run('info', path)
  expect(table.stdout).toMatch(/^facts +6 in 2 streams$/m)
  expect(table.stdout).toMatch(/^archive +1 streams in 1 files, /m)
  await journal.close()
})

it('says that there is no such file, and that a stream is gone for ever', { timeout: 120_000 }, async () => {
  expect(await run('info', path)).toMatchObject({ code: 3, stdout: '' })
  const journal = await openSqliteJournal({ path })
  await journal.transact([{ stream: 'lease-a', expected: 0, facts: facts(1) }])
  await journal.tombstone('lease-a', 1)
  await journal.close()
  const gone = await run('archive', path, 'lease-a')
  expect(gone.code).not.toBe(0)
  expect(gone.stderr).toContain('journal.tombstoned')
})
