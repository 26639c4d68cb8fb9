import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decode } from '../../domain/codec.ts'
import type { Fact } from '../../domain/fact.ts'
import { journalOf } from '../../src/journal/journal-of.ts'
import { memoryJournal, memoryStore } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { openSqliteStore } from '../../src/journal/sqlite-store.ts'
import type { Store } from '../../src/journal/store.ts'
import { readFact, schemaVersion, type Upcasts } from '../../src/journal/upcast.ts'
import { UPCASTS } from '../../src/journal/upcasts.ts'
import { faultOf } from '../contracts/journal.ts'
import { goldenFiles, goldenLines } from '../histories/golden.ts'

/** A type with two changes behind it: a number became a bigint, then got a unit in its name. */
const NOTES: Upcasts = {
  'note.priced': [
    ({ sats, ...fact }) => ({ ...fact, sats: BigInt(sats as number) }),
    ({ sats, ...fact }) => ({ ...fact, msat: (sats as bigint) * 1_000n }),
  ],
}

/** Each golden line as it is stored: the text of its fact. */
const goldenTexts = (file: string) =>
  goldenLines(file).map((line) => {
    const { stream } = decode(line) as { stream: string }
    const text = line.slice('{"fact":'.length, line.lastIndexOf(',"stream":'))
    return { stream, text, fact: decode(text) as Fact }
  })

describe('facts of every version', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zennet-upcast-'))
    path = join(folder, 'journal.db')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const store = async (into: Store, stream: string, texts: readonly string[]) => {
    const facts = texts.map((text) => ({ type: (decode(text) as Fact).type, text }))
    const appends = [{ stream, expected: 0, facts }]
    const transact = { appends, commandId: undefined, correlationId: undefined }
    await into.change({ kind: 'transact', transact })
  }

  it.each(goldenFiles('journal'))('reads journal/%s, stored long ago, as its facts are today', async (file) => {
    const texts = goldenTexts(`journal/${file}`).map(({ text }) => text)
    const expected = [
      { type: 'note.priced', at: 1_800_000_000_000, msat: 7_000n },
      { type: 'note.priced', at: 1_800_000_000_001, msat: 0n },
      { type: 'note.left', at: 1_800_000_000_002, text: 'as it was' },
    ]
    for (const into of [memoryStore(), await openSqliteStore(path)]) {
      await store(into, 's', texts)
      const journal = journalOf(into, { upcasts: NOTES })
      expect((await journal.read('s')).map((r) => r.fact)).toEqual(expected)
      expect((await journal.readAllBackward()).map((r) => r.fact)).toEqual(expected.toReversed())
      await journal.close()
    }
  })

  it('has a golden file for each version', () => {
    expect(goldenFiles('journal')).toEqual(['note.v1.jsonl', 'note.v2.jsonl', 'note.v3.jsonl'])
  })

  it.each(goldenFiles())('%s reads, from a file, as it was written', async (file) => {
    const lines = goldenTexts(file)
    const streams = Map.groupBy(lines, ({ stream }) => stream)
    const into = await openSqliteStore(path)
    for (const [stream, own] of streams) {
      await store(
        into,
        stream,
        own.map((line) => line.text),
      )
    }
    await into.close()
    const journal = await openSqliteJournal({ path })
    for (const [stream, own] of streams) {
      const today = own.map(({ text }) => readFact(text, UPCASTS))
      expect((await journal.read(stream)).map((r) => r.fact)).toEqual(today)
    }
    await journal.close()
  })

  it('every type with upcasts has a golden line of each version', () => {
    const stored = goldenFiles().flatMap((file) => goldenTexts(file).map(({ fact }) => fact))
    const seen = new Set(stored.map((fact) => `${fact.type} ${(fact as { v?: number }).v ?? 1}`))
    for (const type of Object.keys(UPCASTS)) {
      for (let v = 1; v <= schemaVersion(UPCASTS, type); v++) expect([...seen]).toContain(`${type} ${v}`)
    }
  })

  it('writes the newest version, and shows it to nobody', async () => {
    const into = memoryStore()
    const journal = journalOf(into, { upcasts: NOTES })
    const fact = { type: 'note.priced', at: 1, msat: 5n }
    await journal.transact([{ stream: 's', expected: 0, facts: [fact] }])
    const stored = await into.stream({ stream: 's', after: 0, before: 9, limit: 9, backward: false })
    expect(stored.facts.map(({ text }) => text)).toEqual(['{"at":1,"msat":{"$n":"5"},"type":"note.priced","v":3}'])
    expect((await journal.read('s'))[0]?.fact).toEqual(fact)
  })

  it('refuses what a newer program wrote, and what has no version', async () => {
    const refused = async (
      text: string,
      open: (into: Store) => Journal = (into) => journalOf(into, { upcasts: NOTES }),
    ) => {
      const into = memoryStore()
      await store(into, 's', [text])
      return faultOf(open(into).read('s'))
    }
    expect(await refused('{"at":1,"type":"note.priced","v":4}')).toBe('journal.newer-fact')
    expect(await refused('{"at":1,"type":"note.left","v":2}')).toBe('journal.newer-fact')
    for (const v of ['0', '1.5', '"2"', 'null', '-1']) {
      expect(await refused(`{"at":1,"type":"note.priced","v":${v}}`)).toBe('journal.corrupt')
    }
    expect(() => readFact('[]', NOTES)).toThrow()
    expect(() => readFact('{', NOTES)).toThrow()
    const same: Upcasts = { 'a.b': [(fact) => ({ ...fact, type: 'a.c' })] }
    expect(() => readFact('{"at":1,"type":"a.b"}', same)).toThrow()
  })

  it('takes no version from a writer', async () => {
    const fact = { type: 'a.b', at: 1, v: 1 }
    const writing = memoryJournal().transact([{ stream: 's', expected: 0, facts: [fact] }])
    expect(await faultOf(writing)).toBe('journal.bad-fact')
  })
})
