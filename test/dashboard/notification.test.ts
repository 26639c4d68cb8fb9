import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noChromium } from '../api/chromium.ts'
import { startNode, type TestNode, TOKEN } from '../api/node.ts'
import { effectFacts } from '../domain/effect/sample.ts'
import { buildDashboard, DASHBOARD, flaws, LOOKS, type Look, openVisitor, shows, type Visitor } from './browser.ts'
import { hashOf } from './chain-facts.ts'

const HOSTILE = '<img src=x onerror="document.title=`broken in`">'
const EFFECT = 'e'.repeat(32)
const effect = effectFacts()

let node: TestNode
let visitor: Visitor
let position = 0
let payments = 0

const received = (): Promise<number> =>
  node.append('wallet', {
    type: 'wallet.received',
    at: Date.now(),
    txid: hashOf(++payments),
    vout: 0,
    value: 1_000n + BigInt(payments),
    script: '',
    coinbase: false,
    bond: false,
    keyPath: { account: 'receive', index: 0 },
  } as never)

beforeAll(async () => {
  if (noChromium) return
  buildDashboard()
  node = await startNode(0, { dashboard: DASHBOARD })
  await received()
  await received()
  await node.append(`effect-${EFFECT}`, effect['effect.asked'], { ...effect['effect.parked'], next: HOSTILE } as never)
  position = await node.journal.head()
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

describe.skipIf(noChromium)('notifications (need Debian’s chromium)', () => {
  it.each(Object.keys(LOOKS) as Look[])('have no flaw that axe finds, in %s', async (look) => {
    const { page, context, quiet } = await open('/notifications', look)
    await page.getByText('1,002 sats').waitFor()
    await page.getByText('onerror="document.title').first().waitFor()
    expect(await flaws(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false)
    quiet()
    await context.close()
  })

  it('are counted on every screen until they were seen, also after a reload', async () => {
    const { page, context, quiet } = await open('/market')
    const count = page.getByRole('link', { name: /new notifications/ })
    const counted = (n: number) => expect.poll(() => count.textContent(), { timeout: 60_000 }).toContain(` ${n} `)
    await counted(3)
    await received()
    await counted(4)
    await count.click()
    await page.getByText('1,003 sats').waitFor()
    await counted(0)
    await page.reload()
    await page.getByText('1,003 sats').waitFor()
    expect(await page.getByText('new', { exact: true }).count()).toBe(0)
    await received()
    await page.getByText('1,004 sats').waitFor()
    await counted(0)
    await page.getByRole('combobox').nth(1).selectOption('EFFECT_PARKED')
    await page.getByRole('link', { name: 'Something could not be done' }).first().waitFor()
    await expect.poll(() => page.getByText('1,004 sats').count(), { timeout: 60_000 }).toBe(0)
    expect(page.url()).toContain('kind=EFFECT_PARKED')
    await page.getByRole('link', { name: 'Something could not be done' }).first().click()
    await page.getByRole('heading', { name: 'Health' }).waitFor()
    quiet()
    await context.close()
  })

  it('are told outside of the page only after a click, and only while it is out of sight', async () => {
    const { page, context, quiet } = await open('/notifications')
    await context.grantPermissions(['notifications'], { origin: node.api.url })
    await page.reload()
    await page.evaluate(() => {
      const told: string[] = []
      const fake = class {
        static permission = 'default'
        static requestPermission = async () => {
          fake.permission = 'granted'
        }
        constructor(title: string) {
          told.push(title)
        }
      }
      Object.assign(globalThis, { Notification: fake, told })
    })
    const told = () => page.evaluate(() => (globalThis as unknown as { told: string[] }).told)
    await received()
    await page.getByText(`${(1_000 + payments).toLocaleString('en')} sats`).waitFor()
    await page.getByRole('button', { name: 'Tell me outside' }).click()
    await page.getByRole('button', { name: 'Do not tell me' }).waitFor()
    await received()
    await page.getByText(`${(1_000 + payments).toLocaleString('en')} sats`).waitFor()
    expect(await told()).toEqual([])
    await page.evaluate(() => Object.defineProperty(document, 'visibilityState', { value: 'hidden' }))
    await received()
    await expect
      .poll(told, { timeout: 60_000 })
      .toContain(`Coins came: ${(1_000 + payments).toLocaleString('en')} sats`)
    quiet()
    await context.close()
  })

  it('say so when there is nothing to tell', async () => {
    const empty = await startNode(0, { dashboard: DASHBOARD })
    const { page, context, quiet } = await visitor.open(empty.api.url, TOKEN, '/notifications')
    await page.getByText('Nothing to tell.').waitFor()
    expect(await flaws(page)).toEqual([])
    quiet()
    await context.close()
    await empty.close()
  })
})
