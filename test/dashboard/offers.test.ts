import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { noChromium } from '../api/chromium.ts'
import { startNode, type TestNode, TOKEN } from '../api/node.ts'
import { agreed, leaseIdNumber, offered, toMetering } from '../projections/lease-history.ts'
import { buildDashboard, DASHBOARD, flaws, LOOKS, type Look, openVisitor, shows, type Visitor } from './browser.ts'
import { HOSTILE, lately } from './history.ts'

let node: TestNode
let visitor: Visitor
let position = 0

const hostile = (fact: LeaseFact): LeaseFact =>
  fact.type === 'lease.offered' ? { ...fact, hardware: { ...fact.hardware, cpuModel: HOSTILE } } : fact

/** A lease that has come to an offer of `wallHour`. */
const open = (id: string, wallHour: bigint): LeaseFact[] =>
  lately([...toMetering(id).slice(0, 4), offered(id, wallHour)]).map(hostile)

beforeAll(async () => {
  if (noChromium) return
  buildDashboard()
  node = await startNode(0, { dashboard: DASHBOARD })
  await node.append(`lease-${leaseIdNumber(1)}`, ...open(leaseIdNumber(1), 9_000_000n))
  position = await node.append(`lease-${leaseIdNumber(2)}`, ...open(leaseIdNumber(2), 4_000_000n))
  visitor = await openVisitor()
})
afterAll(async () => {
  await visitor?.close()
  await node?.close()
})

describe.skipIf(noChromium)('offers (need Debian’s chromium)', () => {
  it.each(Object.keys(LOOKS) as Look[])('have no flaw that axe finds, in %s', async (look) => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/market', look)
    await page.getByRole('link', { name: 'Offered' }).click()
    await shows(page, position)
    await page.getByText('onerror="document.title').first().waitFor()
    expect(await flaws(page)).toEqual([])
    expect(await page.title()).toBe('Market · Zennet')
    quiet()
    await context.close()
  })

  it('are filtered and ordered by the address, and follow what becomes of them', async () => {
    const { page, context, quiet } = await visitor.open(
      node.api.url,
      TOKEN,
      '/market?list=offers&status=OPEN&order=cheap',
    )
    const rows = page.getByRole('region', { name: 'Offers' }).getByRole('row')
    await rows.nth(2).waitFor()
    expect(await rows.nth(1).textContent()).toContain('11,201')
    expect(await rows.nth(2).textContent()).toContain('16,201')
    const id = leaseIdNumber(1)
    const sealed: LeaseFact = {
      ...(agreed(id, 9_000_000n) as Extract<LeaseFact, { type: 'lease.agreed' }>),
      at: Date.now(),
    }
    await page.getByLabel('State').selectOption('all')
    await node.append(`lease-${id}`, sealed)
    await page.getByText('agreed', { exact: true }).last().waitFor()
    await rows.filter({ hasText: 'agreed' }).first().waitFor()
    await page.getByLabel('State').selectOption('REFUSED')
    await page.getByText('No offer that fits.').waitFor()
    expect(await flaws(page)).toEqual([])
    quiet()
    await context.close()
  })
})
