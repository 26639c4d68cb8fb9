import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decode } from '../../domain/codec.ts'
import type { Fact } from '../../domain/fact.ts'
import { copyLog } from '../../src/cli/journal/copy-log.ts'
import type { SubjectKeys } from '../../src/forgetting/port.ts'
import { openSubjectKeys } from '../../src/forgetting/subject-keys.ts'
import { type FactForm, RAW_FORM } from '../../src/journal/fact-form.ts'
import { journalOf } from '../../src/journal/journal-of.ts'
import { openKurrentdbJournal } from '../../src/journal/kurrentdb.ts'
import { memoryStore } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import type { Store } from '../../src/journal/store.ts'
import type { Upcasts } from '../../src/journal/upcast.ts'
import { UPCASTS } from '../../src/journal/upcasts.ts'
import { systemRandom } from '../../src/random/system.ts'
import { faultOf } from '../contracts/journal.ts'
import { startDouble } from '../journal/kurrentdb-double/double.ts'
import { leaseIdNumber, termsOf } from '../projections/lease-history.ts'

const STREAM = 'lease-1'
const SECRETS = ['198.51.100.7', 'SECRETKEYOFSOMEBODY', 'lease-000000000000', 'ssh-ed25519 HOST']
const connected = { type: 'lease.connected', at: 1, remote: '198.51.100.7:4001' }
const terms = termsOf(leaseIdNumber(1))
const offered = { type: 'lease.offered', at: 2, terms, final: false }
const ticked = { type: 'lease.paid', at: 3, tick: 0, paidSats: 7n }
const FACTS: readonly Fact[] = [connected, offered, ticked]

let folder: string
let keys: SubjectKeys
let form: FactForm
const closing: (() => unknown)[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zennet-sealed-'))
  keys = await openSubjectKeys({ path: join(folder, 'keys.sqlite'), random: systemRandom })
  closing.push(() => keys.close())
  form = { upcasts: UPCASTS, seals: keys }
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  await rm(folder, { recursive: true, force: true })
})

/** Opens the same log in the form that is asked for, again and again. */
type Opener = (form: FactForm) => Promise<Journal>
const ENGINES: Readonly<Record<string, () => Promise<Opener>>> = {
  memory: async () => {
    const store = memoryStore()
    return async (as) => journalOf(store, as)
  },
  sqlite: async () => (as) => openSqliteJournal({ path: join(folder, 'log.sqlite'), form: as }),
  'sqlite in a thread': async () => (as) =>
    openSqliteJournal({ path: join(folder, 'log.sqlite'), worker: true, form: as }),
  'kurrentdb (a double of its protocol)': async () => {
    const { url, kill } = await startDouble()
    closing.push(kill)
    return (as) => openKurrentdbJournal({ url, form: as })
  },
}

const write = (journal: Journal) => journal.transact([{ stream: STREAM, expected: 0, facts: FACTS }])
const factsOf = async (journal: Journal) =>
  (await journal.read(STREAM)).map(({ fact, personal }) => ({ fact, personal }))

describe.each(Object.entries(ENGINES))('personal fields in a log on %s', (_, make) => {
  let open: Opener
  beforeEach(async () => {
    const opener = await make()
    open = async (as) => {
      const journal = await opener(as)
      closing.push(() => journal.close())
      return journal
    }
  })

  it('are sealed in the store, and open to who has the key', async () => {
    const journal = await open(form)
    await write(journal)
    const expected = [
      { fact: connected, personal: 'open' },
      { fact: offered, personal: 'open' },
      { fact: ticked, personal: undefined },
    ]
    expect(await factsOf(journal)).toEqual(expected)
    const after = (await journal.readAll(0)).map(({ fact }) => fact)
    expect(after).toEqual(FACTS)
    const raw = JSON.stringify(
      (await (await open(RAW_FORM)).read(STREAM)).map(({ fact }) => fact),
      (_key, value) => (typeof value === 'bigint' ? `${value}` : value),
    )
    for (const secret of SECRETS) expect(raw).not.toContain(secret)
    expect(raw).toContain('$sealed')
  })

  it('are hidden from who has no key, and nothing else is', async () => {
    await write(await open(form))
    const shell = { user: '(hidden)', authorizedKeys: [], hostKey: '(hidden)' }
    const hidden = [
      { fact: { ...connected, remote: '(hidden)' }, personal: 'hidden' },
      { fact: { ...offered, terms: { ...terms, shell } }, personal: 'hidden' },
      { fact: ticked, personal: undefined },
    ]
    expect(await factsOf(await open({ upcasts: UPCASTS }))).toEqual(hidden)
    const others = await openSubjectKeys({ path: ':memory:', random: systemRandom })
    expect(await factsOf(await open({ upcasts: UPCASTS, seals: others }))).toEqual(hidden)
    others.close()
  })

  it('are forgotten with the key, for ever, while the log stays as it was', async () => {
    const journal = await open(form)
    await write(journal)
    const raw = await open(RAW_FORM)
    const before = await raw.readAll(0)
    keys.forget(STREAM, 5)
    const shell = { user: '(forgotten)', authorizedKeys: [], hostKey: '(forgotten)' }
    const forgotten = [
      { fact: { ...connected, remote: '(forgotten)' }, personal: 'forgotten' },
      { fact: { ...offered, terms: { ...terms, shell } }, personal: 'forgotten' },
      { fact: ticked, personal: undefined },
    ]
    expect(await factsOf(journal)).toEqual(forgotten)
    expect(await raw.readAll(0)).toEqual(before)
    // What comes late is not kept at all, and the log goes on.
    await journal.transact([{ stream: STREAM, expected: 3, facts: [connected] }])
    expect((await factsOf(journal))[3]).toEqual(forgotten[0])
    expect(JSON.stringify((await raw.read(STREAM, 3))[0]?.fact)).toBe(
      '{"at":1,"remote":{"$sealed":""},"type":"lease.connected"}',
    )
  })

  it('that were written before there were keys are read as they are', async () => {
    await write(await open({ upcasts: UPCASTS }))
    const facts = await factsOf(await open(form))
    expect(facts.map(({ personal }) => personal)).toEqual(['plain', 'plain', undefined])
    expect(facts.map(({ fact }) => fact)).toEqual(FACTS)
  })

  it('go with a copy of the log, sealed, and the copy needs no key', async () => {
    await write(await open(form))
    const source = await open(RAW_FORM)
    const path = join(folder, 'copy.sqlite')
    const target = await openSqliteJournal({ path, form: RAW_FORM })
    await copyLog(source, target, () => {})
    expect((await target.readAll(0)).map(({ fact }) => fact)).toEqual((await source.readAll(0)).map(({ fact }) => fact))
    await target.close()
    const read = await openSqliteJournal({ path, form })
    closing.push(() => read.close())
    expect((await factsOf(read)).map(({ fact }) => fact)).toEqual(FACTS)
  })
})

describe('a sealed field', () => {
  const stored = async (store: Store) =>
    (await store.stream({ stream: STREAM, after: 0, before: 9, limit: 9, backward: false })).facts
  const plant = async (store: Store, stream: string, text: string, expected = 0) => {
    const facts = [{ type: (decode(text) as Fact).type, text }]
    const transact = { appends: [{ stream, expected, facts }], commandId: undefined, correlationId: undefined }
    await store.change({ kind: 'transact', transact })
  }

  it('that was changed by one bit, or moved, is a fault that names its place', async () => {
    const store = memoryStore()
    await journalOf(store, form).transact([{ stream: STREAM, expected: 0, facts: [connected, connected] }])
    const [first, second] = await stored(store)
    const sealed = /"\$sealed":"([^"]+)"/.exec(first!.text)![1]!
    const bytes = Buffer.from(sealed, 'base64url')
    const texts: string[] = []
    for (const at of [4, 27, 28, bytes.length - 1]) {
      const flipped = Buffer.from(bytes)
      flipped[at]! ^= 1
      texts.push(first!.text.replace(sealed, flipped.toString('base64url')))
    }
    // Of another version, cut short, with more behind it, written in another way.
    texts.push(
      second!.text,
      first!.text.replace(sealed, sealed.slice(0, 20)),
      first!.text.replace(sealed, `${sealed}A`),
    )
    texts.push(first!.text.replace(sealed, `${sealed}=`))
    for (const text of texts) {
      const other = memoryStore()
      await plant(other, STREAM, text)
      const error = await journalOf(other, form)
        .read(STREAM)
        .catch((fault: unknown) => fault)
      expect(error).toMatchObject({ code: 'journal.corrupt' })
      expect((error as Error).message).toContain(`stream ${STREAM}, version 1`)
    }
    const elsewhere = memoryStore()
    await plant(elsewhere, 'lease-2', first!.text)
    // Another subject, whose key this node does not have; then one that has another key.
    expect((await journalOf(elsewhere, form).read('lease-2'))[0]?.personal).toBe('hidden')
    keys.seal({ stream: 'lease-2', version: 1, type: 'a', path: 'b' }, 'x')
    expect((await journalOf(elsewhere, form).read('lease-2'))[0]?.personal).toBe('hidden')
  })

  it('of a newer version is a fault that names its place', async () => {
    const store = memoryStore()
    await plant(store, STREAM, '{"at":1,"remote":{"$sealed":""},"type":"lease.connected","v":2}')
    const error = await journalOf(store, form)
      .read(STREAM)
      .catch((fault: unknown) => fault)
    expect(error).toMatchObject({ code: 'journal.newer-fact' })
    expect((error as Error).message).toContain(`stream ${STREAM}, version 1`)
  })

  it('is opened before it is upcast, and stood in for too', async () => {
    const store = memoryStore()
    await journalOf(store, form).transact([{ stream: STREAM, expected: 0, facts: [connected] }])
    // Since then a remote is a host and a port, beside it.
    const upcasts: Upcasts = {
      'lease.connected': [
        ({ remote, ...fact }) => ({ ...fact, remote, port: Number(`${remote}`.split(':')[1] ?? 0) }) as Fact,
      ],
    }
    const today = journalOf(store, { upcasts, seals: keys })
    const seen = async () => (await today.read(STREAM)).map(({ fact }) => fact)
    expect(await seen()).toEqual([{ ...connected, port: 4001 }])
    await today.transact([{ stream: STREAM, expected: 1, facts: [{ ...connected, port: 1 } as Fact] }])
    expect((await stored(store))[1]?.text).toMatch(/"remote":\{"\$sealed":"[^"]+"\},"type":"lease.connected","v":2\}$/)
    expect(await seen()).toEqual([
      { ...connected, port: 4001 },
      { ...connected, port: 1 },
    ])
    keys.forget(STREAM, 9)
    expect(await seen()).toEqual([
      { ...connected, remote: '(forgotten)', port: 0 },
      { ...connected, remote: '(forgotten)', port: 1 },
    ])
  })

  it('is never what a writer hands in as one', async () => {
    const journal = journalOf(memoryStore(), form)
    const planted = { ...connected, remote: { $sealed: 'AAAA' } } as unknown as Fact
    await journal.transact([{ stream: STREAM, expected: 0, facts: [planted] }])
    expect((await journal.read(STREAM))[0]?.fact).toEqual(planted)
    const unreadable = { ...connected, remote: { $n: 'one' } } as unknown as Fact
    const writing = journal.transact([{ stream: STREAM, expected: 1, facts: [unreadable] }])
    expect(await faultOf(writing)).toBe('journal.bad-fact')
  })

  it('has its key on the disk before the fact is given to the store', async () => {
    const inner = memoryStore()
    const seen: boolean[] = []
    const others = await openSubjectKeys({ path: join(folder, 'keys.sqlite'), random: systemRandom })
    closing.push(() => others.close())
    const watched: Store = Object.assign(Object.create(inner) as Store, {
      change: async (change: Parameters<Store['change']>[0]) => {
        if (change.kind === 'transact')
          for (const { stream, facts } of change.transact.appends)
            for (const [i, { type, text }] of facts.entries()) {
              const { remote } = decode(text) as { remote: { $sealed: string } }
              const opened = others.open({ stream, version: i + 1, type, path: 'remote' }, remote.$sealed)
              seen.push(typeof opened === 'object')
            }
        return inner.change(change)
      },
    })
    await journalOf(watched, form).transact([{ stream: STREAM, expected: 0, facts: [connected] }])
    expect(seen).toEqual([true])
  })
})
