import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AnnouncementFact } from '../../domain/announcement/facts.ts'
import type { ChannelFact } from '../../domain/channel/facts.ts'
import type { Fact } from '../../domain/fact.ts'
import { channelStream, leaseStream } from '../../domain/ids.ts'
import { lease } from '../../domain/lease/lease.ts'
import { announcements } from '../../projections/announcements.ts'
import { leases } from '../../projections/leases.ts'
import { BODY, RECORD } from '../domain/announcement/sample.ts'
import { ANNOUNCEMENT, leaseIdNumber, PROVIDER, PUBLISHER, toSettled } from '../projections/lease-history.ts'
import { filesWith, newFolder, openPlace, type PlaceOptions, removeFolder, storedTexts } from './place.ts'
import { over, running, secretOf, told } from './secret-lease.ts'

const LIMIT_MS = 60_000

const described = (n: number): AnnouncementFact => ({
  type: 'announcement.described',
  at: 1,
  body: { ...BODY, label: secretOf(n) },
})
const seen: AnnouncementFact = {
  type: 'announcement.seen',
  at: 1,
  txid: ANNOUNCEMENT,
  author: PUBLISHER,
  bondSats: 1n,
  record: RECORD,
}
const withdrawn: AnnouncementFact = { type: 'announcement.withdrawn', at: 1, by: 'ff' }
const ANNOUNCED = `announcement-${ANNOUNCEMENT}`

let folder: string
const opened: { close(): Promise<void> }[] = []
const open = async (names?: PlaceOptions) => {
  const place = await openPlace(folder, names)
  opened.push(place)
  return place
}
const closeAll = async () => {
  for (const place of opened.splice(0).reverse()) await place.close()
}
beforeEach(async () => {
  folder = await newFolder()
})
afterEach(async () => {
  await closeAll()
  await removeFolder(folder)
})
const ofLease = (n: number) => ({ kind: 'lease', id: leaseIdNumber(n) }) as const

describe('forgetting', { timeout: LIMIT_MS }, () => {
  it('leaves no word of it in any file, and the log as it was', async () => {
    let place = await open()
    for (let n = 1; n <= 40; n++) await place.append(leaseStream(leaseIdNumber(n)), ...over(n))
    const { state } = await place.streams.load(lease, leaseStream(leaseIdNumber(7)))
    expect(state.context.remote).toBe(`${secretOf(7)}:4001`)
    await closeAll()
    place = await open()
    // What the rows say in the clear is in their file; the log never had it.
    expect(await filesWith(folder, secretOf(7))).toEqual(['rows.sqlite'])
    const before = await storedTexts(folder)
    await place.streams.load(lease, leaseStream(leaseIdNumber(7)))

    const done = await place.forgetting.forget(ofLease(7))
    expect(done).toMatchObject({ subjects: [{ kind: 'lease', sealed: 6, plain: 0, forgotten: true }] })
    await place.obeying.reached((done as { position: number }).position)
    expect(await filesWith(folder, secretOf(7))).toEqual([])
    for (let n = 10; n <= 40; n += 3) await place.forgetting.forget(ofLease(n))
    for (let n = 10; n <= 40; n++)
      expect([n, await filesWith(folder, secretOf(n))]).toEqual([n, n % 3 === 1 ? [] : ['rows.sqlite']])
    expect((await storedTexts(folder)).slice(0, before.length)).toEqual(before)

    expect(place.projector.byId(leases, leaseIdNumber(7))).toMatchObject({ forgotten: true, remote: '(forgotten)' })
    const folded = await place.streams.load(lease, leaseStream(leaseIdNumber(7)))
    expect(folded.state.context).toMatchObject({ remote: '(forgotten)', paidSats: 0n })
    expect(
      JSON.stringify(await place.journal.read(leaseStream(leaseIdNumber(7))), (_, v) =>
        typeof v === 'bigint' ? 0 : v,
      ),
    ).not.toContain('secret')
    // Everything else reads, folds and goes on.
    expect((await place.streams.load(lease, leaseStream(leaseIdNumber(8)))).state.context.remote).toContain(secretOf(8))
    await place.append(leaseStream(leaseIdNumber(7)), { type: 'lease.receipted', at: 9, signed: {} } as Fact)
    const row = place.projector.byId(leases, leaseIdNumber(7))
    await closeAll()
    expect(await filesWith(folder, secretOf(7))).toEqual([])
    await rm(join(folder, 'rows.sqlite'))
    place = await open()
    await place.projector.waitFor(await place.journal.head(), 30_000)
    expect(place.projector.byId(leases, leaseIdNumber(7))).toEqual(row)
    expect(await filesWith(folder, secretOf(7))).toEqual([])
  })

  it('reaches archived facts, in the archive too', async () => {
    const place = await open()
    for (const n of [1, 2]) await place.append(leaseStream(leaseIdNumber(n)), ...over(n))
    expect(await place.journal.archive([1, 2].map((n) => leaseStream(leaseIdNumber(n))))).toBe(2)
    const done = await place.forgetting.forget(ofLease(1))
    await place.obeying.reached((done as { position: number }).position)
    expect(await filesWith(folder, secretOf(1))).toEqual([])
    expect((await place.journal.read(leaseStream(leaseIdNumber(1))))[0]).toMatchObject({ personal: 'forgotten' })
    expect((await place.journal.read(leaseStream(leaseIdNumber(2))))[0]).toMatchObject({ personal: 'open' })
  })

  it('is refused while anything goes on, and changes nothing then', async () => {
    const place = await open()
    const id = leaseIdNumber(1)
    const refused = async () => (await place.forgetting.forget(ofLease(1))) as unknown as { code: string }
    expect((await refused()).code).toBe('not-found')
    await place.append(leaseStream(id), ...running(1))
    const terms = { publisherKey: PUBLISHER, providerKey: PROVIDER, expiryHeight: 9, capacitySats: 9n }
    const channel = (...facts: unknown[]) => place.append(channelStream(id), ...(facts as ChannelFact[]))
    await channel({ type: 'channel.proposed', at: 1, terms }, { type: 'channel.funded', at: 2, txid: 'aa', vout: 0 })
    expect((await refused()).code).toBe('lease-active')
    await place.append(leaseStream(id), ...told(1, toSettled(7n)))
    expect((await refused()).code).toBe('channel-open')
    expect(await place.forgetting.examine(ofLease(1))).toMatchObject([
      { sealed: 6, forgotten: false, obstacle: { code: 'channel-open' } },
    ])
    await channel({ type: 'channel.closed', at: 3, txid: 'bb', height: 5 })
    const head = await place.journal.head()
    await place.append(ANNOUNCED, seen, described(2))
    const peer = { kind: 'peer', id: PUBLISHER } as const
    expect(await place.forgetting.forget({ kind: 'announcement', id: ANNOUNCEMENT })).toMatchObject({
      code: 'announcement-standing',
    })
    expect(await place.forgetting.forget(peer)).toMatchObject({ code: 'announcement-standing' })
    expect(await place.journal.readAll(head, { streamPrefix: 'forgotten-' })).toEqual([])
    expect((await place.journal.read(leaseStream(id)))[0]).toMatchObject({ personal: 'open' })
    await place.append(ANNOUNCED, withdrawn)
    expect(await place.forgetting.forget(peer)).toMatchObject({ subjects: [{ kind: 'announcement', sealed: 1 }] })
    expect(place.projector.byId(announcements, ANNOUNCEMENT)).toMatchObject({ forgotten: true })
    expect(await refused()).toMatchObject({ subjects: [{ forgotten: true }] })
  })

  it('of a provider waits until its machine is gone', async () => {
    const place = await open()
    const facts = over(1).map((fact) => ('side' in fact ? { ...fact, side: 'provider' } : fact)) as Fact[]
    const [kept, released] = [
      facts.filter(({ type }) => type !== 'lease.released'),
      facts.find(({ type }) => type === 'lease.released')!,
    ]
    await place.append(leaseStream(leaseIdNumber(1)), ...kept)
    expect(await place.forgetting.forget(ofLease(1))).toMatchObject({ code: 'machine-stands' })
    await place.append(leaseStream(leaseIdNumber(1)), released)
    expect(await place.forgetting.forget({ kind: 'peer', id: PUBLISHER })).toMatchObject({
      subjects: [{ id: leaseIdNumber(1) }],
    })
  })

  it('of a peer is of all that this node had with it, and done again changes nothing', async () => {
    const place = await open()
    for (const n of [1, 2, 3]) await place.append(leaseStream(leaseIdNumber(n)), ...over(n))
    const peer = { kind: 'peer', id: PROVIDER } as const
    const first = await place.forgetting.forget(peer)
    expect(first).toMatchObject({ subjects: [1, 2, 3].map((n) => ({ id: leaseIdNumber(n), sealed: 6 })) })
    const head = await place.journal.head()
    const again = await place.forgetting.forget(peer)
    expect(again).toMatchObject({
      position: (first as { position: number }).position,
      subjects: [1, 2, 3].map(() => ({ sealed: 0, forgotten: true })),
    })
    expect(await place.journal.head()).toBe(head)
    expect(await place.forgetting.forget({ kind: 'peer', id: `02${'9'.repeat(64)}` })).toMatchObject({
      code: 'not-found',
    })
  })

  it('says what was written before there were keys', async () => {
    const place = await open()
    const { openSqliteJournal } = await import('../../src/journal/sqlite.ts')
    const old = await openSqliteJournal({ path: join(folder, 'log.sqlite') })
    await old.transact([{ stream: leaseStream(leaseIdNumber(1)), expected: 0, facts: over(1) }])
    await old.close()
    expect(await place.forgetting.forget(ofLease(1))).toMatchObject({ subjects: [{ sealed: 0, plain: 6 }] })
    expect(place.projector.byId(leases, leaseIdNumber(1))).toMatchObject({ forgotten: true, remote: '(forgotten)' })
    expect(await filesWith(folder, secretOf(1))).not.toEqual([])
  })

  it('holds also when the keys come back with a backup', async () => {
    let place = await open()
    for (const n of [1, 2]) await place.append(leaseStream(leaseIdNumber(n)), ...over(n))
    await closeAll()
    await copyFile(join(folder, 'keys.sqlite'), join(folder, 'backup'))
    place = await open()
    await place.forgetting.forget(ofLease(1))
    await closeAll()
    await copyFile(join(folder, 'backup'), join(folder, 'keys.sqlite'))
    place = await open()
    expect((await place.journal.read(leaseStream(leaseIdNumber(1))))[0]).toMatchObject({ personal: 'forgotten' })
    expect((await place.journal.read(leaseStream(leaseIdNumber(2))))[0]).toMatchObject({ personal: 'open' })
  })

  it('is caught up with when the program ended between the fact and the key', async () => {
    let place = await open()
    await place.append(leaseStream(leaseIdNumber(1)), ...over(1))
    await closeAll()
    // What a process does that is killed there: the fact is in the log, and nothing else was done.
    const { openSqliteJournal } = await import('../../src/journal/sqlite.ts')
    const half = await openSqliteJournal({ path: join(folder, 'log.sqlite') })
    const subject = leaseStream(leaseIdNumber(1))
    const fact = { type: 'subject.forgotten', at: 1, subject } as Fact
    await half.transact([{ stream: `forgotten-${subject}`, expected: 0, facts: [fact] }])
    await half.close()
    expect(await filesWith(folder, secretOf(1))).not.toEqual([])
    place = await open()
    await place.projector.waitFor(await place.journal.head(), 30_000)
    expect((await place.journal.read(subject))[0]).toMatchObject({ personal: 'forgotten' })
    expect(place.projector.byId(leases, leaseIdNumber(1))).toMatchObject({ forgotten: true })
    await closeAll()
    expect(await filesWith(folder, secretOf(1))).toEqual([])
  })

  it.each([
    ['their own files of keys', 'keys-of-two.sqlite'],
    ['one file of keys', 'keys.sqlite'],
  ])('on one node reaches others on the same log, which have %s', async (_, keysOfTwo) => {
    const one = await open({ rows: 'rows-of-one.sqlite' })
    const two = await open({ rows: 'rows-of-two.sqlite', keys: keysOfTwo })
    const subject = leaseStream(leaseIdNumber(1))
    await one.append(subject, ...over(1))
    await two.projector.waitFor(await two.journal.head(), 30_000)
    const shared = keysOfTwo === 'keys.sqlite'
    const remote = () => two.projector.byId(leases, leaseIdNumber(1))?.remote
    expect(remote()).toBe(shared ? `${secretOf(1)}:4001` : '(hidden)')
    await two.streams.load(lease, subject)
    const done = await one.forgetting.forget(ofLease(1))
    await two.obeying.reached((done as { position: number }).position)
    expect(remote()).toBe('(forgotten)')
    expect((await two.journal.read(subject))[0]).toMatchObject({ personal: 'forgotten' })
    expect((await two.streams.load(lease, subject)).state.context.remote).toBe('(forgotten)')
    expect(await filesWith(folder, secretOf(1))).toEqual([])
  })

  it('is seen by who follows the log from its beginning', async () => {
    const place = await open()
    const subject = leaseStream(leaseIdNumber(1))
    await place.append(subject, ...over(1))
    await place.forgetting.forget(ofLease(1))
    const stop = new AbortController()
    const facts: Fact[] = []
    for await (const followed of place.journal.follow(0, { streamPrefix: subject }, stop.signal)) {
      if (followed.kind === 'fact') facts.push(followed.recorded.fact)
      else stop.abort()
    }
    expect(facts).toHaveLength(over(1).length)
    expect(facts[0]).toMatchObject({ remote: '(forgotten)' })
  })
})
