import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { announcementFacts, BODY } from '../domain/announcement/sample.ts'
import {
  ANNOUNCEMENT,
  leaseIdNumber,
  offered,
  PROVIDER,
  sought,
  termsOf,
  toMetering,
} from '../projections/lease-history.ts'
import { ask, startNode, type TestNode } from './node.ts'

let node: TestNode
const [SILENT, DEAR] = [`02${'c'.repeat(64)}`, `02${'d'.repeat(64)}`]

/** An offer of a provider, just now. */
const offerOf = (id: string, providerKey: string, announcement: string, wallHour?: bigint): LeaseFact => ({
  ...(offered(id) as Extract<LeaseFact, { type: 'lease.offered' }>),
  at: Date.now(),
  terms: { ...termsOf(id, wallHour), providerKey, announcement: `${announcement}:1` },
})
const soughtFor = (id: string, announcement: string): LeaseFact =>
  ({ ...sought(id), announcement: `${announcement}:1` }) as LeaseFact

beforeAll(async () => {
  node = await startNode()
  const posted = { ...announcementFacts()['announcement.posted'], txid: ANNOUNCEMENT }
  await node.append(`announcement-${ANNOUNCEMENT}`, {
    ...posted,
    body: { ...BODY, maxHourlyMsat: 11_000_000n },
  } as never)
  const [won, lost, other] = [leaseIdNumber(1), leaseIdNumber(2), leaseIdNumber(3)]
  await node.append(`lease-${won}`, ...toMetering(won))
  await node.append(`lease-${lost}`, soughtFor(lost, ANNOUNCEMENT), offerOf(lost, DEAR, ANNOUNCEMENT, 10_000_000n), {
    type: 'lease.refused',
    at: Date.now(),
    code: 'too-expensive',
    culprit: 'provider',
    why: 'dear',
  } as LeaseFact)
  await node.append(`lease-${other}`, soughtFor(other, 'e'.repeat(64)), offerOf(other, SILENT, 'e'.repeat(64)))
  await node.projector.waitFor(await node.journal.head(), 60_000)
})
afterAll(() => node.close())

it('shows the offers of all bids that are shown, however often others offered since', async () => {
  const many = 'd'.repeat(64)
  const ids = Array.from({ length: 110 }, (_, i) => leaseIdNumber(1_000 + i))
  const posted = { ...announcementFacts()['announcement.posted'], txid: many, body: BODY }
  await node.append(`announcement-${many}`, posted as never)
  for (const id of ids)
    await node.append(`lease-${id}`, soughtFor(id, many), offerOf(id, DEAR, many, 1n), offerOf(id, DEAR, many, 2n))
  const noisy = Array.from({ length: 1_100 }, () => offerOf(ids[109]!, DEAR, many, 3n))
  await node.append(`lease-${ids[109]}`, ...noisy)
  await node.projector.waitFor(await node.journal.head(), 60_000)
  const { data, errors } = await ask<{
    announcement: { answers: { bids: { offer: { price: { wallHour: string } } | null }[] } }
  }>(node, `{ announcement(txid: "${many}") { answers { bids { offer { price { wallHour } } } } } }`)
  expect(errors).toBeUndefined()
  const prices = data!.announcement.answers.bids.map(({ offer }) => offer?.price.wallHour)
  expect(prices).toEqual(['3', ...Array.from({ length: 109 }, () => '2')])
})

it('an own announcement says who bid, who was refused by which rule, and why the others may be silent', async () => {
  const { data, errors } = await ask<{ announcement: { answers: Record<string, unknown> } }>(
    node,
    `{ announcement(txid: "${ANNOUNCEMENT}") { verdictNow { ok } answers {
      bids { outcome offer { providerKey } rules { rule ok } lease { providerKey end { code culprit next } } }
      silent { provider { key } answer rules { rule ok told } }
      exclusions { rule excludes } relaxation { providerKey changes { field to } }
    } } }`,
  )
  expect(errors).toBeUndefined()
  const { answers } = data!.announcement
  expect(answers['bids']).toMatchObject([
    {
      outcome: 'REFUSED',
      offer: { providerKey: DEAR },
      rules: [
        { rule: 'price', ok: false },
        { rule: 'traffic-price', ok: true },
      ],
      lease: { end: { code: 'too-expensive', culprit: 'provider' } },
    },
    { outcome: 'AGREED', offer: { providerKey: PROVIDER }, rules: [{ rule: 'price', ok: true }, {}] },
  ])
  // It has one kind of isolation, none, and the announcement wants namespace; its two cores cost more than the ceiling.
  expect(answers['silent']).toMatchObject([{ provider: { key: SILENT }, answer: 'WOULD_NOT' }])
  expect(answers['exclusions']).toEqual([
    { rule: 'isolation', excludes: 1 },
    { rule: 'price', excludes: 1 },
  ])
  expect(answers['relaxation']).toMatchObject({
    providerKey: SILENT,
    changes: [
      { field: 'isolation', to: 'none' },
      { field: 'maxHourlySats', to: '18003' },
    ],
  })
})
