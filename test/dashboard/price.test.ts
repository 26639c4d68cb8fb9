import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stepsOf } from '../../src/dashboard/price/depth-steps.ts'
import { noChromium } from '../api/chromium.ts'
import { startNode, type TestNode, TOKEN } from '../api/node.ts'
import { agreed, leaseIdNumber, offered, sought, toMetering } from '../projections/lease-history.ts'
import { buildDashboard, DASHBOARD, flaws, LOOKS, type Look, openVisitor, shows, type Visitor } from './browser.ts'
import { announced, lately, seen, txidNumber } from './history.ts'

const level = (levelMsat: string, machines: number, machinesSoFar: number) => ({
  levelMsat,
  machines,
  machinesSoFar,
  cores: 1,
})

it('stands each side of the order book over all prices', () => {
  const demand = [level('3000', 1, 1), level('1000', 4, 5)]
  const supply = [level('2000', 2, 2), level('4000', 1, 3)]
  expect(stepsOf(demand, supply)).toEqual({ prices: [1, 2, 3, 4], wanted: [5, 1, 1, 0], offered: [0, 2, 2, 3] })
})

let node: TestNode
let visitor: Visitor
let position = 0

beforeAll(async () => {
  if (noChromium) return
  buildDashboard()
  node = await startNode(0, { dashboard: DASHBOARD })
  await node.append(`announcement-${txidNumber(1)}`, announced(txidNumber(1), 'a wish'), seen(txidNumber(1)))
  const done = leaseIdNumber(1)
  await node.append(`lease-${done}`, ...lately(toMetering(done)))
  const open = leaseIdNumber(2)
  position = await node.append(`lease-${open}`, ...lately([...toMetering(open).slice(0, 4), offered(open, 9_000_000n)]))
  visitor = await openVisitor()
})
afterAll(async () => {
  await visitor?.close()
  await node?.close()
})

describe.skipIf(noChromium)('prices (needs Debian’s chromium)', () => {
  it.each(Object.keys(LOOKS) as Look[])('have no flaw that axe finds, in %s', async (look) => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/prices', look)
    await shows(page, position)
    await page.locator('.plot canvas').first().waitFor()
    for (const table of await page.getByText(/ as a table$/).all()) await table.click()
    expect(await flaws(page)).toEqual([])
    quiet()
    await context.close()
  })

  it('show both sides of the book, and follow it', async () => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/prices')
    await shows(page, position)
    const offers = page.getByRole('region', { name: 'Offered: prices that nobody has answered yet' })
    await offers.getByRole('row').nth(1).waitFor()
    expect(await offers.getByRole('row').count()).toBe(2)
    const last = leaseIdNumber(2)
    await node.append(`lease-${last}`, ...lately([sought(last), agreed(last, 9_000_000n)]).slice(1))
    await page.getByText('No offer waits').waitFor()
    quiet()
    await context.close()
  })

  it('say how prices went, of what the address names', async () => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/prices?of=CPU_HOUR&by=minute')
    await page.getByText('Median price as a table').click()
    const table = page.getByRole('region', { name: 'Median price as a table' })
    await table.getByText('7,200 sats').first().waitFor()
    await page.getByLabel('Price of').selectOption('MEMORY_GIB_HOUR')
    await table.getByText('1 sats', { exact: true }).first().waitFor()
    expect(page.url()).toContain('of=MEMORY_GIB_HOUR')
    quiet()
    await context.close()
  })

  it('say what to do where nothing is', async () => {
    const own = await startNode(0, { dashboard: DASHBOARD })
    const { page, context, quiet } = await visitor.open(own.api.url, TOKEN, '/prices')
    await page.getByText('Nothing is wanted and nothing is offered now.').waitFor()
    await page.getByText('Nothing was offered in the last day.').waitFor()
    expect(await flaws(page)).toEqual([])
    quiet()
    await own.api.close()
    await page.getByText('reconnecting').waitFor()
    await context.close()
    await own.close()
  })
})
