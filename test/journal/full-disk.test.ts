import { existsSync } from 'node:fs'
import { readdir, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Decider } from '../../domain/decider.ts'
import { Fault } from '../../domain/fault.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Archiving, Journal, Recorded } from '../../src/journal/port.ts'
import { openSnapshots } from '../../src/journal/snapshots.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { silent } from '../claim/silent.ts'
import { faultOf } from '../contracts/journal.ts'
import { mountSmallDisk, type SmallDisk, whyNoSmallDisk } from './small-disk.ts'

/** Room for what SQLite writes ahead, too. */
const DISK_BYTES = 32 * 2 ** 20
const why = whyNoSmallDisk()

describe.skipIf(why !== undefined && !process.env['CI'])(
  `a disk that is full ${why ?? ''}`,
  { timeout: 120_000 },
  () => {
    let disk: SmallDisk
    let path: string
    const opened: Journal[] = []
    beforeEach(async () => {
      disk = await mountSmallDisk(DISK_BYTES)
      path = join(disk.folder, 'journal.sqlite')
    })
    afterEach(async () => {
      for (const journal of opened.splice(0)) await journal.close()
      await disk.remove()
    })
    const open = async (worker = false): Promise<Journal & Archiving> => {
      const journal = await openSqliteJournal({ path, worker })
      opened.push(journal)
      return journal
    }

    const ballast = () => join(disk.folder, 'ballast')
    /** Somebody else takes all but so much of the room. */
    const leave = async (bytes: number) => {
      await rm(ballast(), { force: true })
      const { bavail, bsize } = await statfs(disk.folder)
      await writeFile(ballast(), Buffer.alloc(Math.max(0, bavail * bsize - bytes), 1))
    }
    const makeRoom = () => rm(ballast())

    const fact = (at: number) => ({ type: 'test.noted', at, pad: 'x'.repeat(2_000) })
    /** Appends until it is refused. @returns how many were acknowledged, and why no more */
    const fill = async (journal: Journal, stream: string): Promise<{ count: number; refusal: Fault }> => {
      for (let count = 0; ; count++) {
        try {
          await journal.transact([{ stream, expected: count, facts: [fact(count)] }])
        } catch (error) {
          if (error instanceof Fault) return { count, refusal: error }
          throw error
        }
      }
    }
    const versions = (recorded: readonly Recorded[]) => recorded.map(({ version }) => version)
    const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

    it.each([false, true])(
      'refuses an append, keeps all that was acknowledged, and goes on once there is room; thread: %o',
      async (worker) => {
        const journal = await open(worker)
        await leave(2 ** 20)
        const { count, refusal } = await fill(journal, 's')
        expect([refusal.code, count > 50]).toEqual(['journal.disk-full', true])
        expect(refusal.next).toContain('room')
        expect(versions(await journal.read('s'))).toEqual(upTo(count))
        expect(await journal.head()).toBe(count)
        await makeRoom()
        expect(await journal.transact([{ stream: 's', expected: count, facts: [fact(0)] }])).toBe(count + 1)
        await journal.close()
        const again = await open()
        expect(versions(await again.readAll(0))).toEqual(upTo(count + 1))
      },
    )

    it('leaves a stream in the log that has no room in the archive, and moves it once there is', async () => {
      const journal = await open()
      for (let n = 0; n < 400; n++) await journal.transact([{ stream: 's', expected: n, facts: [fact(n)] }])
      const whole = await journal.read('s')
      await leave(2 ** 17)
      expect(await faultOf(journal.archive(['s']))).toBe('journal.disk-full')
      expect(await journal.read('s')).toEqual(whole)
      // Nothing of it is left to take the room of others.
      expect(existsSync(`${path}.segments`) ? await readdir(`${path}.segments`) : []).toEqual([])
      expect(await journal.transact([{ stream: 't', expected: 0, facts: [fact(0)] }])).toBe(401)
      await makeRoom()
      expect(await journal.archive(['s'])).toBe(1)
      expect(await journal.read('s')).toEqual(whole)
      await leave(2 ** 17)
      expect(await faultOf(journal.restore(['s']))).toBe('journal.disk-full')
      expect(await journal.read('s')).toEqual(whole)
      await makeRoom()
      expect(await journal.restore(['s'])).toBe(1)
      expect(await journal.read('s')).toEqual(whole)
    })

    it('does not open a new log where there is no room, and does once there is', async () => {
      await leave(0)
      expect(await faultOf(openSqliteJournal({ path }))).toBe('journal.disk-full')
      await makeRoom()
      const journal = await open()
      expect(await journal.transact([{ stream: 's', expected: 0, facts: [fact(0)] }])).toBe(1)
    })

    it('stops no command for want of a snapshot', async () => {
      type Added = { readonly type: 'sum.added'; readonly at: number; readonly pad: string }
      const sum: Decider<number, { readonly texts: readonly string[] }, Added> = {
        initial: { texts: [] },
        decide: (at) => [{ type: 'sum.added', at, pad: 'y'.repeat(500) }],
        evolve: ({ texts }, { pad }) => ({ texts: [...texts, pad] }),
        keeping: {
          fingerprint: 'a test',
          freeze: (state) => state,
          thaw: (frozen) => frozen as { texts: readonly string[] },
        },
      }
      const journal = memoryJournal()
      const snapshots = await openSnapshots({ path: join(disk.folder, 'snapshots.sqlite'), log: silent })
      const streams = openStreams(journal, snapshots)
      await leave(2 ** 16)
      for (let n = 1; n <= 500; n++) expect(await streams.execute(sum, 's', n)).toMatchObject({ version: n })
      await snapshots.close()
      expect((await openStreams(journal).load(sum, 's')).state.texts).toHaveLength(500)
    })
  },
)
