import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noChromium } from '../api/chromium.ts'
import { startNode, type TestNode, TOKEN, TXID } from '../api/node.ts'
import { buildDashboard, DASHBOARD, flaws, LOOKS, type Look, openVisitor, shows, type Visitor } from './browser.ts'
import { ADDRESS, block, channelOf, hashOf, paid, waiting } from './chain-facts.ts'

const LEASE = '4'.repeat(32)
const FUNDING = hashOf(0xf00d)
const CLOSING = hashOf(0xc105e)
const WAITS = hashOf(0xaa)

let node: TestNode
let visitor: Visitor
let position = 0

beforeAll(async () => {
  if (noChromium) return
  buildDashboard()
  node = await startNode(0, { dashboard: DASHBOARD })
  for (let height = 0; height < 40; height++) {
    const special = height === 30 ? [FUNDING, TXID] : height === 31 ? [CLOSING] : [hashOf(0x2000 + height)]
    await node.append('chain', block(height, [hashOf(0x1000 + height), ...special]))
  }
  await node.append('mempool', waiting(WAITS))
  await channelOf(node, LEASE, FUNDING, CLOSING)
  position = await paid(node, TXID, 30)
  visitor = await openVisitor()
})
afterAll(async () => {
  await visitor?.close()
  await node?.close()
})

const open = async (path: string, look?: Look) => {
  const watched = await visitor.open(node.api.url, TOKEN, path, look)
  await shows(watched.page, position)
  return watched
}
const find = async (page: Page, text: string): Promise<void> => {
  await page.keyboard.press('/')
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
}

describe.skipIf(noChromium)('the chain (needs Debian’s chromium)', () => {
  const SCREENS = ['/chain', `/block/${hashOf(30)}`, `/transaction/${TXID}`, `/address/${ADDRESS}`]
  it.each(Object.keys(LOOKS) as Look[])('has no flaw that axe finds, in %s', async (look) => {
    for (const path of SCREENS) {
      const { page, context, quiet } = await open(path, look)
      await page.getByRole('table').first().waitFor()
      expect([path, await flaws(page)]).toEqual([path, []])
      const isWider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
      expect([path, isWider]).toEqual([path, false])
      quiet()
      await context.close()
    }
  })

  it('shows blocks, what waits and what was paid as they come, and older ones', async () => {
    const { page, context, quiet } = await open('/chain')
    await page.getByRole('region', { name: 'Blocks' }).getByText('39', { exact: true }).waitFor()
    await page.getByRole('region', { name: 'Transactions that wait' }).getByText('6 sat/vB').waitFor()
    await page.locator('.plot canvas').waitFor()
    await node.append('chain', block(40, [hashOf(0x1040)]))
    await page.getByRole('region', { name: 'Blocks' }).getByText('40', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Older' }).click()
    await page.getByRole('region', { name: 'Blocks' }).getByText('20', { exact: true }).waitFor()
    expect(page.url()).toContain('after=')
    await page.getByRole('button', { name: 'Newest' }).click()
    await page.getByRole('region', { name: 'Blocks' }).getByText('40', { exact: true }).waitFor()
    quiet()
    await context.close()
  })

  it('says what a transaction is in the market, and that one waits', async () => {
    const { page, context, quiet } = await open(`/transaction/${FUNDING}`)
    await page.getByText('It funds a channel').waitFor()
    await find(page, CLOSING)
    await page.getByText('closes the channel').waitFor()
    await page.getByRole('link', { name: '444444444444' }).waitFor()
    await find(page, WAITS)
    await page.getByRole('heading', { name: 'Waits for a block' }).waitFor()
    await node.append('mempool', { type: 'mempool.left', at: 2, txid: WAITS, reason: 'dropped' } as never)
    await page.getByText('transaction.unknown').waitFor()
    quiet()
    await context.close()
  })

  it('finds what is typed, and says what it cannot find', async () => {
    const { page, context, quiet } = await open('/market')
    await find(page, ' 30 ')
    await page.waitForURL(`**/block/${hashOf(30)}`)
    await find(page, hashOf(31))
    await page.waitForURL(`**/block/${hashOf(31)}`)
    await find(page, ADDRESS)
    await page.getByText('700 sats').first().waitFor()
    for (const [typed, said] of [
      ['999', 'There is no block 999.'],
      ['<b>"', 'That names nothing'],
    ] as const) {
      await find(page, typed)
      await page.getByText(said).waitFor()
      await page.getByRole('searchbox').fill('')
      await page.getByRole('searchbox').press('Escape')
      await page.getByRole('searchbox').blur()
    }
    quiet()
    await context.close()
  })

  it('goes by keys, but not while something is typed', async () => {
    const { page, context, quiet } = await open('/chain')
    await page.keyboard.press('g')
    await page.keyboard.press('m')
    await page.getByRole('heading', { name: 'Market' }).waitFor()
    await page.keyboard.press('?')
    const list = page.getByRole('dialog', { name: 'Keys' })
    await list.getByText('Chain').waitFor()
    expect(await flaws(page)).toEqual([])
    await list.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('searchbox').click()
    await page.keyboard.type('gc?')
    expect(await page.getByRole('searchbox').inputValue()).toBe('gc?')
    expect(new URL(page.url()).pathname).toBe('/market')
    quiet()
    await context.close()
  })

  it('is plain about what a node has not', async () => {
    const empty = await startNode(0, { dashboard: DASHBOARD })
    const { page, context, quiet } = await visitor.open(empty.api.url, TOKEN, '/chain')
    await page.getByText('This node has followed no block yet.').waitFor()
    expect(await flaws(page)).toEqual([])
    await find(page, ADDRESS)
    await page.getByText('api.not-indexed').waitFor()
    await find(page, hashOf(5))
    await page.getByText('transaction.unknown').waitFor()
    quiet()
    await context.close()
    await empty.close()
  })
})
