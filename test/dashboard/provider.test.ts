import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { noChromium } from '../api/chromium.ts'
import { startNode, type TestNode, TOKEN } from '../api/node.ts'
import { leaseIdNumber, metered, PROVIDER, toMetering, toSettled } from '../projections/lease-history.ts'
import { buildDashboard, DASHBOARD, flaws, LOOKS, type Look, openVisitor, shows, type Visitor } from './browser.ts'
import { HOSTILE, lately } from './history.ts'

let node: TestNode
let visitor: Visitor
let position = 0

const span = { lentPermille: 875, spanMs: 604_800_000, servedMs: 7_200_000, fullPermille: 990, leases: 2, broken: 1 }

/** What a provider says of itself, it chose. */
const hostile = (fact: LeaseFact): LeaseFact =>
  fact.type === 'lease.offered'
    ? {
        ...fact,
        hardware: { ...fact.hardware, cpuModel: HOSTILE, marks: { [HOSTILE]: 1 } },
        availability: {
          week: span,
          month: span,
          hoursOfWeek: Array.from({ length: 168 }, (_, i) => (i < 24 ? null : i)),
        },
      }
    : fact

beforeAll(async () => {
  if (noChromium) return
  buildDashboard()
  node = await startNode(0, { dashboard: DASHBOARD })
  const id = leaseIdNumber(1)
  position = await node.append(
    `lease-${id}`,
    ...lately([...toMetering(id), metered(id, 1), ...toSettled(777n)]).map(hostile),
  )
  visitor = await openVisitor()
})
afterAll(async () => {
  await visitor?.close()
  await node?.close()
})

describe.skipIf(noChromium)('providers (need Debian’s chromium)', () => {
  it.each(Object.keys(LOOKS) as Look[])('have no flaw that axe finds, in %s', async (look) => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/providers', look)
    await shows(page, position)
    await page.getByText('onerror="document.title').first().waitFor()
    expect(await flaws(page)).toEqual([])
    await page.getByRole('link', { name: `${PROVIDER.slice(0, 12)}…` }).click()
    await page.getByText('777 sats').first().waitFor()
    await page.getByText('stopped-by-publisher').first().waitFor()
    await page.getByText('87.5 %').first().waitFor()
    await page.getByText('By hour of the week, UTC as a table').click()
    await page.getByText('Tue 05:00').waitFor()
    expect(await flaws(page)).toEqual([])
    expect(await page.title()).toBe('Provider · Zennet')
    expect(await page.getByText('\u202e').count()).toBe(0)
    quiet()
    await context.close()
  })

  it('show what is new of them', async () => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, `/provider/${PROVIDER}`)
    await page.getByText('1 leases', { exact: true }).waitFor()
    const id = leaseIdNumber(2)
    await node.append(`lease-${id}`, ...lately(toMetering(id)))
    await page.getByText('2 leases', { exact: true }).waitFor()
    quiet()
    await context.close()
  })

  it('say what to do where there are none, and of one that nobody knows', async () => {
    const own = await startNode(0, { dashboard: DASHBOARD })
    const { page, context, quiet } = await visitor.open(own.api.url, TOKEN, '/providers')
    await page.getByText('No provider has made this node an offer').waitFor()
    expect(await flaws(page)).toEqual([])
    await page.goto(`${own.api.url}/provider/${PROVIDER}`)
    await page.getByText('provider.unknown').waitFor()
    expect(await flaws(page)).toEqual([])
    quiet()
    await own.api.close()
    await page.getByText('reconnecting').waitFor()
    await context.close()
    await own.close()
  })
})
