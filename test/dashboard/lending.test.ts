import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnnouncementFact } from '../../domain/announcement/facts.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { mapPrice } from '../../domain/price.ts'
import type { Lending } from '../../src/api/port.ts'
import { whatIfInput } from '../../src/dashboard/lending/other-rules.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { noChromium } from '../api/chromium.ts'
import { smallMarket, startNode, type TestNode, TOKEN } from '../api/node.ts'
import { announcementFacts, BODY, NO } from '../domain/announcement/sample.ts'
import { leaseIdNumber, metered, sought, toMetering, toSettled } from '../projections/lease-history.ts'
import { buildDashboard, DASHBOARD, flaws, LOOKS, type Look, openVisitor, shows, type Visitor } from './browser.ts'
import { HOSTILE, lately, txidNumber } from './history.ts'

const LENDING: Lending = {
  policy: {
    ask: mapPrice(() => 1_000_000n),
    floor: mapPrice(() => 500_000n),
    images: [BODY.image],
    trustedKeys: [`02${'9'.repeat(64)}`],
    isolation: 'container',
    bridgeAllowed: false,
    maxDurationMs: BODY.maxDurationMs,
    maxLeases: 10,
  },
  total: { cpuMillis: 8_000, memoryBytes: 2 ** 33, diskBytes: 2 ** 40, pids: 512 },
  open: { leftMs: 90_000, until: HOSTILE },
  availability: undefined,
}

it('asks of other rules what is typed, and of nothing else', () => {
  const rules = {
    pricePercent: '50',
    floorPercent: '',
    maxHours: '1.5',
    maxLeases: '3',
    images: ' a , b,',
    internet: false,
    trustAnybody: false,
    days: '7',
  }
  expect(whatIfInput(rules, Date.parse('2026-01-08T00:00:30Z'))).toEqual({
    pricePercent: 50,
    floorPercent: null,
    maxDurationS: 5_400,
    maxLeases: 3,
    images: ['a', 'b'],
    internet: false,
    trustAnybody: null,
    seen: { from: '2026-01-01T00:00:00.000Z' },
  })
})

let node: TestNode
let visitor: Visitor
let position = 0
const running = leaseIdNumber(2)

/** As the provider's own journal has it. */
const own = (leaseId: string, ...more: LeaseFact[]): LeaseFact[] =>
  lately([{ ...sought(leaseId), side: 'provider' } as LeaseFact, ...toMetering(leaseId).slice(1), ...more])

beforeAll(async () => {
  if (noChromium) return
  buildDashboard()
  const journal = memoryJournal()
  node = await startNode(0, {
    dashboard: DASHBOARD,
    journal,
    market: { ...smallMarket(journal), lending: async () => LENDING },
  })
  const done = leaseIdNumber(1)
  await node.append(`lease-${done}`, ...own(done, metered(done, 3), ...toSettled(777n)))
  await node.append(`lease-${running}`, ...own(running, metered(running, 3)))
  const facts = announcementFacts()
  const described = facts['announcement.described'] as Extract<AnnouncementFact, { type: 'announcement.described' }>
  const at = Date.now() - 60_000
  position = await node.append(
    `announcement-${txidNumber(1)}`,
    { ...facts['announcement.seen'], at, txid: txidNumber(1) } as never,
    { ...described, at, body: { ...BODY, label: HOSTILE } } as never,
    { type: 'announcement.judged', at, verdict: NO } as never,
  )
  visitor = await openVisitor()
})
afterAll(async () => {
  await visitor?.close()
  await node?.close()
})

describe.skipIf(noChromium)('lending (needs Debian’s chromium)', () => {
  it.each(Object.keys(LOOKS) as Look[])('has no flaw that axe finds, in %s', async (look) => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/lending', look)
    await shows(page, position)
    await page.locator('.plot canvas').first().waitFor()
    await page.getByText('Which rule loses most').waitFor()
    for (const table of await page.getByText(/ as a table$/).all()) await table.click()
    await page.locator('summary', { hasText: 'onerror="document.title' }).click()
    expect(await flaws(page)).toEqual([])
    expect(await page.title()).toBe('Lending · Zennet')
    quiet()
    await context.close()
  })

  it('says what was earned, and shows each payment of what runs', async () => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/lending')
    await page.getByText('777 sats').first().waitFor()
    const now = page.getByRole('region', { name: 'Lent out now' })
    await now.getByText('–').or(now.getByText('0 sats')).first().waitFor()
    await node.append(`lease-${running}`, {
      type: 'lease.paid',
      at: Date.now(),
      tick: 3,
      paidSats: 4_321n,
    } as LeaseFact)
    await now.getByText('4,321 sats').waitFor()
    await page.locator('.big', { hasText: '4,321 sats' }).waitFor()
    quiet()
    await context.close()
  })

  it('says which rule loses the announcements, and what others would have made of them', async () => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/lending')
    const matched = page.getByRole('row', { name: /^match/ })
    await matched.waitFor()
    expect(await matched.getByRole('cell').allTextContents()).toEqual(['0', '0'])
    await page.getByText('trusted', { exact: true }).first().waitFor()
    await page.getByLabel('Lend to everybody').check()
    await page.getByLabel('Prices:').fill('5')
    await page.getByLabel('Longest lease, hours').fill('100')
    await expect.poll(() => matched.getByRole('cell').allTextContents(), { timeout: 60_000 }).toEqual(['0', '1'])
    await page.getByLabel('Leases at a time').fill('-1')
    await page.getByText('api.bad-input').waitFor()
    expect(await flaws(page)).toEqual([])
    quiet()
    await context.close()
  })

  it('says of a node that lends nothing what to do', async () => {
    const other = await startNode(0, { dashboard: DASHBOARD })
    const { page, context, quiet } = await visitor.open(other.api.url, TOKEN, '/lending')
    await page.getByText('This node lends nothing out.').waitFor()
    expect(await flaws(page)).toEqual([])
    quiet()
    await other.api.close()
    await page.getByText('reconnecting').waitFor()
    await context.close()
    await other.close()
  })
})
