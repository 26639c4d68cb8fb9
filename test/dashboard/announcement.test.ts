import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fact } from '../../domain/fact.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { noChromium } from '../api/chromium.ts'
import { startNode, type TestNode, TOKEN } from '../api/node.ts'
import { leaseIdNumber, sought, toMetering } from '../projections/lease-history.ts'
import { buildDashboard, DASHBOARD, flaws, LOOKS, type Look, openVisitor, shows, type Visitor } from './browser.ts'
import { announced, HOSTILE, lately, seen, txidNumber } from './history.ts'

let node: TestNode
let visitor: Visitor
let position = 0
const wish = txidNumber(1)

beforeAll(async () => {
  if (noChromium) return
  buildDashboard()
  node = await startNode(0, { dashboard: DASHBOARD })
  const known = leaseIdNumber(1)
  await node.append(`lease-${known}`, ...lately(toMetering(known)))
  const posted = announced(wish, 'too cheap')
  await node.append(
    `announcement-${wish}`,
    { ...posted, body: { ...posted.body, maxHourlyMsat: 1_000_000n } } as Fact,
    seen(wish),
  )
  const came = leaseIdNumber(2)
  const strangers = { ...sought(came), announcement: `${wish}:1` } as LeaseFact
  position = await node.append(
    `lease-${came}`,
    ...lately([
      strangers,
      {
        type: 'lease.failed',
        at: strangers.at + 1,
        code: 'machine-failed',
        culprit: 'host',
        why: HOSTILE,
      } as LeaseFact,
    ]),
  )
  visitor = await openVisitor()
})
afterAll(async () => {
  await visitor?.close()
  await node?.close()
})

describe.skipIf(noChromium)('an announcement (needs Debian’s chromium)', () => {
  it.each(Object.keys(LOOKS) as Look[])('has no flaw that axe finds, in %s', async (look) => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, `/announcement/${wish}`, look)
    await shows(page, position)
    await page.getByText('no lease came of it').click()
    await page.getByText('would not', { exact: true }).click()
    await page.getByText('onerror="document.title').first().waitFor()
    expect(await flaws(page)).toEqual([])
    expect(await page.title()).toBe('Announcement · Zennet')
    quiet()
    await context.close()
  })

  it('says who did not bid, which rule said no, and what would win one', async () => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, `/announcement/${wish}`)
    await page.getByText('The least that wins one more').waitFor()
    await page.getByText('the price from').waitFor()
    await page.getByText('price', { exact: true }).first().waitFor()
    await page.getByText('would not', { exact: true }).click()
    await page.getByText('✗ no').first().waitFor()
    quiet()
    await context.close()
  })
})
