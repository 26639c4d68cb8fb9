import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noChromium } from '../api/chromium.ts'
import { freePort } from '../e2e/daemon.ts'
import { type Market, openMarket } from '../e2e/market.ts'
import { leaseOf } from '../e2e/story.ts'
import { buildDashboard, openVisitor, type Visitor, WAIT_MS } from './browser.ts'

/** Real daemons, a real machine, a real browser: each test goes through a whole lease. */
const STORY_MS = 420_000

let market: Market
let visitor: Visitor
let url: string
let token: string

beforeAll(async () => {
  if (noChromium) return
  buildDashboard()
  const apiPort = String(await freePort())
  market = await openMarket({
    machines: 'namespace',
    publisher: () => ['--api-port', apiPort, '--chain-index', 'true'],
  })
  url = `http://127.0.0.1:${apiPort}`
  token = readFileSync(join(market.publisher.dataDir, 'api-token'), 'utf8').trim()
  visitor = await openVisitor()
}, STORY_MS)
afterAll(async () => {
  await visitor?.close()
  await market?.close()
}, STORY_MS)

/** The lease whose page is open; waits until it is. */
const leaseShown = async (page: Page): Promise<string> => {
  await page.waitForURL(/\/lease\/[0-9a-f]{32}$/, { timeout: WAIT_MS })
  return page.url().slice(-32)
}

/** What the terminal shows, as its rows are in the page. */
const shell = (page: Page) => page.locator('.xterm-rows')

/** The lease's own state: the chart has every state's name in it. */
const settled = (page: Page) =>
  page
    .locator('.state', { hasText: /^settled$/ })
    .first()
    .waitFor({ timeout: WAIT_MS })

describe.skipIf(noChromium)('a lease by the dashboard alone (needs Debian’s chromium)', () => {
  it(
    'goes from coins to a receipt: wallet, announcement, lease, terminal, stop, receipt',
    async () => {
      const { page, context, quiet } = await visitor.open(url, token, '/wallet')
      await page
        .getByText(/[1-9][\d,]* sats/)
        .first()
        .waitFor()

      await page.goto(`${url}/post`)
      await page.getByLabel('For at most, minutes').fill('30')
      await page.getByRole('button', { name: 'Announce', exact: true }).click()
      const leaseId = await leaseShown(page)
      await page
        .locator('.state', { hasText: /^meter$/ })
        .first()
        .waitFor()

      await page.getByRole('link', { name: 'Terminal', exact: true }).click()
      await page.getByText('● connected').waitFor()
      await page.keyboard.type('echo told-$((6*7)); id -u\n')
      await shell(page).getByText('told-42').first().waitFor()

      await page.getByRole('link', { name: 'The lease' }).click()
      await page.getByRole('button', { name: 'Stop', exact: true }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click()
      await settled(page)
      const lease = await leaseOf(market.publisher, leaseId)
      expect(lease).toMatchObject({ stage: 'SETTLED', end: { code: 'stopped-by-publisher' } })
      await market.when(market.provider, leaseId, ({ released }) => released)

      const coming = page.waitForEvent('download', { timeout: WAIT_MS })
      await page.getByRole('button', { name: 'Download the receipt' }).click()
      const file = join(market.folder, 'receipt.json')
      await (await coming).saveAs(file)
      await page.getByRole('link', { name: 'here in the browser' }).click()
      await page.locator('input[type="file"]').setInputFiles(file)
      await page.getByText('All that it says is so, and both sides have signed it').waitFor()

      // One digit of it changed, and it does not hold any more: the check can fail.
      const changed = readFileSync(file, 'utf8').replace(
        /("paidSats": ")(\d)/,
        (_, name, digit) => `${name}${digit === '9' ? 8 : Number(digit) + 1}`,
      )
      await page.locator('input[type="file"]').setInputFiles({
        name: 'changed.json',
        mimeType: 'application/json',
        buffer: Buffer.from(changed),
      })
      await page.getByText(/checks failed: do not rely on it/).waitFor()
      quiet()
      await context.close()
    },
    STORY_MS,
  )

  it(
    'can be gone through by the keyboard alone, and goes on when the node is started again',
    async () => {
      const { page, context } = await visitor.open(url, token, '/market')
      await page.getByText(/^● live/).waitFor()
      const press = (key: string) => page.keyboard.press(key)
      /** Goes on by Tab until the thing of this name has the focus. */
      const tabTo = async (name: string) => {
        const named = () =>
          page.evaluate(() => {
            const at = document.activeElement as HTMLElement | null
            const label = (at as HTMLInputElement | null)?.labels?.[0]?.textContent
            return (at?.getAttribute('aria-label') ?? label ?? at?.textContent ?? '').trim().split('\n')[0] ?? ''
          })
        for (let i = 0; i < 120; i++) {
          await press('Tab')
          if ((await named()).startsWith(name)) return
        }
        throw new Error(`nothing called ${name} is reached by Tab on ${page.url()}`)
      }
      await press('g')
      await press('p')
      await page.getByRole('heading', { name: 'Announce what you want' }).waitFor()
      await page.getByLabel('Label').waitFor()
      await tabTo('Label')
      await press('Control+A')
      await page.keyboard.type('by the keyboard')
      await tabTo('For at most, minutes')
      await press('Control+A')
      await page.keyboard.type('30')
      await tabTo('Announce')
      await press('Enter')
      const leaseId = await leaseShown(page)
      await page
        .locator('.state', { hasText: /^meter$/ })
        .first()
        .waitFor()

      await market.publisher.stop()
      await page.getByText('reconnecting').waitFor()
      await market.publisher.start()
      await page.getByText(/^● live/).waitFor()
      const { tick } = (await leaseOf(market.publisher, leaseId))!
      await market.when(market.publisher, leaseId, (lease) => lease.tick > tick + 1)

      await tabTo('Stop')
      await press('Enter')
      await page.getByRole('dialog').waitFor()
      await page.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).press('Enter')
      await settled(page)
      // Files are kept for a while after the end.
      await market.when(market.provider, leaseId, ({ released }) => released)
      await context.close()
    },
    STORY_MS,
  )
})
