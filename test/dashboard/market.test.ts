import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noChromium } from '../api/chromium.ts'
import { startNode, type TestNode, TOKEN } from '../api/node.ts'
import { buildDashboard, DASHBOARD, flaws, LOOKS, type Look, openVisitor, shows, type Visitor } from './browser.ts'
import { announced, HOSTILE, txidNumber } from './history.ts'

let node: TestNode
let visitor: Visitor
let position = 0

const post = (i: number, label: string) => node.append(`announcement-${txidNumber(i)}`, announced(txidNumber(i), label))

beforeAll(async () => {
  if (noChromium) return
  buildDashboard()
  node = await startNode(0, { dashboard: DASHBOARD })
  for (let i = 1; i <= 150; i++) await post(i, `wish ${i}`)
  position = await post(151, HOSTILE)
  visitor = await openVisitor()
})
afterAll(async () => {
  await visitor?.close()
  await node?.close()
})

describe.skipIf(noChromium)('the market (needs Debian’s chromium)', () => {
  it.each(Object.keys(LOOKS) as Look[])('has no flaw that axe finds, in %s', async (look) => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/', look)
    await shows(page, position)
    await page.getByText('The same without this page').click()
    expect(await flaws(page)).toEqual([])
    quiet()
    await context.close()
  })

  it('keeps the token out of the address line, and shows strangers’ words as words', async () => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/market')
    await shows(page, position)
    expect(page.url()).not.toContain(TOKEN)
    await page.getByText('onerror="document.title').first().waitFor()
    expect(await page.getByText('\u202e').count()).toBe(0)
    expect(await page.title()).toBe('Market · Zennet')
    quiet()
    await context.close()
  })

  it('loads more as it is scrolled, and shows what is new', async () => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/market')
    await shows(page, position)
    const rows = page.getByRole('region', { name: 'Announcements' })
    await expect
      .poll(
        async () => {
          await rows.evaluate((box) => box.scrollTo(0, box.scrollHeight))
          return page.getByText('wish 1', { exact: true }).count()
        },
        { timeout: 60_000 },
      )
      .toBe(1)
    await rows.evaluate((box) => box.scrollTo(0, 0))
    await post(152, 'quite new')
    await page.getByText('quite new').waitFor()
    quiet()
    await context.close()
  })

  it('asks who is there when the token is not known', async () => {
    const { page, context } = await visitor.open(node.api.url, 'wrong', '/market')
    await page.getByRole('heading', { name: 'Who are you?' }).waitFor()
    expect(await flaws(page)).toEqual([])
    await page.getByLabel('Token').fill(TOKEN)
    await page.keyboard.press('Enter')
    await shows(page, position)
    await context.close()
  })

  it('says what is wrong while the node is away, and goes on when it is back', async () => {
    const own = await startNode(0, { dashboard: DASHBOARD })
    const { page, context } = await visitor.open(own.api.url, TOKEN, '/market')
    await page.getByText('Nothing is announced that fits.').waitFor()
    const { port } = new URL(own.api.url)
    await own.api.close()
    await page.getByText('reconnecting').waitFor()
    const again = await startNode(Number(port), { dashboard: DASHBOARD })
    await again.append(`announcement-${txidNumber(9)}`, announced(txidNumber(9), 'came meanwhile'))
    await page.getByText('came meanwhile').waitFor()
    await page.getByText(/^● live/).waitFor()
    await context.close()
    await own.close()
    await again.close()
  })
})
