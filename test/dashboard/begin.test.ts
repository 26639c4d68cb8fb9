import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { firstCeiling } from '../../src/dashboard/begin/ceiling.ts'
import { noChromium } from '../api/chromium.ts'
import { startNode, type TestNode, TOKEN, TXID } from '../api/node.ts'
import { leaseIdNumber, toMetering } from '../projections/lease-history.ts'
import { buildDashboard, DASHBOARD, flaws, LOOKS, type Look, openVisitor, type Visitor } from './browser.ts'
import { lately } from './history.ts'

it('proposes a ceiling that locks a hundredth of the wallet, between what a channel needs and what a look is worth', () => {
  expect(firstCeiling(0n, 10)).toBe(10_000n)
  expect(firstCeiling(6_000_000n, 10)).toBe(360_000n)
  expect(firstCeiling(10n ** 15n, 10)).toBe(2_000_000n)
})

const block = (height: number, time: number) => ({
  type: 'chain.connected' as const,
  at: time,
  hash: height.toString(16).padStart(64, '0'),
  height,
  previous: '0'.repeat(64),
  time: Math.floor(time / 1_000),
  transactions: [],
})

/** With a wallet that is open, or not. */
const withLock = (own: TestNode, locked: boolean): void => {
  Object.assign(own.market, { desk: { lockState: () => ({ locked }) } })
}

const poor = { confirmedSats: 0n, unconfirmedSats: 0n, immatureSats: 0n, bondedSats: 0n }

let node: TestNode
let visitor: Visitor

beforeAll(async () => {
  if (noChromium) return
  buildDashboard()
  node = await startNode(0, { dashboard: DASHBOARD })
  withLock(node, false)
  visitor = await openVisitor()
})
afterAll(async () => {
  await visitor?.close()
  await node?.close()
})

describe.skipIf(noChromium)('first steps (need Debian’s chromium)', () => {
  it.each(Object.keys(LOOKS) as Look[])('have no flaw that axe finds, in %s', async (look) => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/begin', look)
    await page.getByText('This node has met no provider yet').waitFor()
    expect(await flaws(page)).toEqual([])
    quiet()
    await context.close()
  })

  it('say what is missing and how to come by it, and offer the button once it is there', async () => {
    const own = await startNode(0, { dashboard: DASHBOARD })
    const status = own.market.status()
    withLock(own, true)
    Object.assign(own.market, {
      status: () => ({ ...status, network: 'xencoin-dev', roles: ['provider'] }),
      balance: async () => poor,
      receiveAddress: async () => 'xd1qaddress',
    })
    const { page, context, quiet } = await visitor.open(own.api.url, TOKEN, '/begin')
    await page.getByText('✗ A node that rents').waitFor()
    await page.getByText('✗ A wallet that may spend').waitFor()
    await page.getByText('✗ A chain that is up to date').waitFor()
    await page.getByText('xencoin-dev is a chain to try things on').waitFor()
    await page.getByRole('button', { name: 'Show an address' }).click()
    await page.getByText('xd1qaddress', { exact: true }).waitFor()
    const copy = page.locator('.copied', { hasText: 'xd1qaddress' }).getByRole('button')
    await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined, writable: true }))
    await copy.click()
    await page.getByText('marked: copy it by hand').waitFor()
    expect(await page.evaluate(() => String(getSelection()))).toBe('xd1qaddress')
    await page.evaluate(() => Object.assign(navigator, { clipboard: { writeText: async () => undefined } }))
    await copy.click()
    await page.getByText('copied', { exact: true }).waitFor()
    expect(await flaws(page)).toEqual([])
    expect(await page.getByRole('button', { name: 'Rent it' }).count()).toBe(0)
    Object.assign(own.market, {
      status: () => ({ ...status, network: 'xencoin-dev' }),
      balance: async () => ({ ...poor, confirmedSats: 6_000_000n }),
    })
    withLock(own, false)
    await own.append('chain', block(1, Date.now()))
    await page.getByRole('button', { name: 'Rent it' }).waitFor()
    const ceiling = page.getByLabel('At most, sats an hour')
    expect(await ceiling.inputValue()).toBe('360000')
    await ceiling.fill('')
    await page.getByText('Whole sats, 1 or more.').waitFor()
    await ceiling.pressSequentially('5000')
    expect(await ceiling.inputValue()).toBe('5000')
    quiet()
    await context.close()
    await own.close()
  })

  it('are shown at / until something was leased or announced, and lead to the lease', async () => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/')
    await page.waitForURL('**/begin')
    await page.getByText('whoever follows the chain').waitFor()
    await page.getByRole('button', { name: 'Rent it' }).click()
    expect(await page.locator('.badge').getByRole('status').textContent()).toBe('live')
    const dialog = page.getByRole('dialog', { name: 'Rent it' })
    expect(await dialog.textContent()).toMatch(/Rent it for [\d,]+ sats an hour at the most\? It locks [\d,]+ sats/)
    await dialog.getByRole('button', { name: 'Rent it' }).click()
    await page.getByText('A provider has read it and calls').waitFor()
    const entries = await page.evaluate(() => history.length)
    expect(node.market.posts[0]?.request).toMatchObject({ keepKey: true, order: { authorizedKeys: [] } })
    const lease = leaseIdNumber(7)
    const facts = lately(toMetering(lease)).map((fact) =>
      fact.type === 'lease.sought' ? { ...fact, announcement: `${TXID}:1` } : fact,
    )
    await node.append(`lease-${lease}`, ...facts)
    await page.waitForURL(`**/lease/${lease}`)
    expect(await page.evaluate(() => history.length)).toBe(entries)
    await page.getByRole('link', { name: 'Zennet' }).click()
    await page.waitForURL('**/market')
    quiet()
    await context.close()
  })

  it('say at / that the node is not there, and try again on demand', async () => {
    const own = await startNode(0, { dashboard: DASHBOARD })
    withLock(own, false)
    const { page, context } = await visitor.open(own.api.url, TOKEN, '/begin')
    await page.getByRole('button', { name: 'Rent it' }).waitFor()
    await context.route('**/graphql', (route) => route.abort())
    await page.getByRole('link', { name: 'Zennet' }).click()
    await page.getByText('The node does not answer.').waitFor()
    expect(await flaws(page)).toEqual([])
    await context.unroute('**/graphql')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.waitForURL('**/begin')
    await context.close()
    await own.close()
  })
})
