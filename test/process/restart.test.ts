import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { openSnapshots } from '../../src/journal/snapshots.ts'
import { silent } from '../claim/silent.ts'
import { AT, openProcessRig } from './rig.ts'

const MANY = 600
const FAR = AT + 10 ** 12

describe('processes that start again', { timeout: 60_000 }, () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zennet-restart-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  /** A log that counts the facts that are read from it as a whole. */
  const counting = () => {
    const journal = memoryJournal()
    const read = { facts: 0 }
    const counted: Journal = {
      ...journal,
      async readAll(...args) {
        const facts = await journal.readAll(...args)
        read.facts += facts.length
        return facts
      },
    }
    return { journal: counted, read }
  }

  const life = async (journal: Journal, kinds: readonly string[], use: (rig: Rig) => Promise<void>) => {
    const snapshots = await openSnapshots({ path: join(folder, 'snapshots.sqlite'), log: silent })
    const done: string[] = []
    const kind = {
      async do({ subject }: { readonly subject: string }) {
        done.push(subject)
        return undefined
      },
    }
    const rig = openProcessRig({ journal, snapshots, kinds: Object.fromEntries(kinds.map((name) => [name, kind])) })
    const processes = rig.start()
    await use(rig)
    await processes.close()
    await snapshots.close()
    return { done, counts: snapshots.counts }
  }
  type Rig = ReturnType<typeof openProcessRig>

  it('read what is new since their snapshot, and no more, and keep what is open', async () => {
    const { journal, read } = counting()
    await life(journal, ['work'], async (rig) => {
      for (let n = 0; n < MANY; n++) await rig.ask(n)
      await rig.setTimer('far', FAR)
      await rig.until('effect.done', MANY)
    })
    read.facts = 0
    const { done, counts } = await life(journal, ['work'], async (rig) => {
      await rig.ask(MANY)
      await rig.until('effect.done', MANY + 1)
      await rig.setTimer('far', AT - 1)
      await rig.until('timer.fired')
      await rig.until('effect.done', MANY + 2)
    })
    expect(counts.used).toBe(1)
    expect(done).toEqual([`${MANY}`, 'far'])
    expect(read.facts).toBeLessThan(50)
  })

  it('do not believe a snapshot that knew nothing of one of their kinds', async () => {
    const { journal } = counting()
    await life(journal, ['work'], async (rig) => {
      await rig.ask(1)
      await rig.ask(2, '2', 'other')
      await rig.until('effect.done')
    })
    const { done } = await life(journal, ['work', 'other'], (rig) => rig.until('effect.done', 2))
    expect(done).toEqual(['2'])
  })
})
