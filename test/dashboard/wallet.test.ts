import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noChromium } from '../api/chromium.ts'
import { TOKEN } from '../api/node.ts'
import { LIMIT_MS } from '../wallet/bench.ts'
import { buildDashboard, flaws, LOOKS, type Look, openVisitor, shows, type Visitor } from './browser.ts'
import { channelOf, hashOf } from './chain-facts.ts'
import { ELSEWHERE, PASSWORD, walletNode } from './wallet-node.ts'

const HOSTILE = '<img src=x onerror="document.title=`broken in`">\u202egnp'
const LEASE = '4'.repeat(32)

let visitor: Visitor
beforeAll(async () => {
  if (noChromium) return
  buildDashboard()
  visitor = await openVisitor()
})
afterAll(() => visitor?.close())

const visit = async (market: Awaited<ReturnType<typeof walletNode>>, path: string, look?: Look) => {
  const watched = await visitor.open(market.node.api.url, TOKEN, path, look)
  await shows(watched.page, await market.head())
  return watched
}

describe.skipIf(noChromium)('the wallet (needs Debian’s chromium)', { timeout: 4 * LIMIT_MS }, () => {
  const SCREENS = ['', '/receive', '/send', '/history', '/channels', '/watch', '/psbt']
  it.each(Object.keys(LOOKS) as Look[])('has no flaw that axe finds, in %s', async (look) => {
    const market = await walletNode()
    await market.node.market.desk!.label((await market.bench.wallet.history())[0]!.txid, HOSTILE)
    await channelOf(market.node, LEASE, hashOf(0xf0), hashOf(0xc0))
    for (const path of SCREENS) {
      const { page, context, quiet } = await visit(market, `/wallet${path}`, look)
      await page.getByRole('heading', { level: 2 }).or(page.getByRole('table')).first().waitFor()
      if (path === '/history') await page.getByText('onerror="document.title').waitFor()
      expect([path, await flaws(page)]).toEqual([path, []])
      const isWider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
      expect([path, isWider]).toEqual([path, false])
      quiet()
      await context.close()
    }
  })

  it('shows what there is, and what comes', async () => {
    const market = await walletNode(0)
    const { page, context, quiet } = await visit(market, '/wallet')
    await page.getByText('There is nothing in this wallet yet.').waitFor()
    await market.chain.mine(1, market.bench.keys.receive(0).script)
    await page.getByText('1,000,000 sats').first().waitFor()
    quiet()
    await context.close()
  })

  it('shows where it can be paid, for whom, and another address once it was', async () => {
    const market = await walletNode()
    const { page, context, quiet } = await visit(market, '/wallet/receive')
    const address = await market.bench.wallet.receiveAddress()
    await page.getByRole('img', { name: `QR code of ${address}` }).waitFor()
    await page
      .getByRole('button', { name: `words for ${address}` })
      .first()
      .click()
    await page.getByLabel(`Words for ${address}`).fill('for the shop')
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'Addresses of this wallet' }).getByText('for the shop').waitFor()
    await market.chain.mine(1, await market.bench.wallet.receiveScript())
    await page.getByText('1,000,000 sats').first().waitFor()
    const next = await market.bench.wallet.receiveAddress()
    expect(next).not.toBe(address)
    await page.getByRole('img', { name: `QR code of ${next}` }).waitFor()
    quiet()
    await context.close()
  })

  it('says fee and total before, pays once, and raises the fee of what waits', async () => {
    const market = await walletNode()
    const { page, context, quiet } = await visit(market, '/wallet/send')
    await page.getByLabel('To the address').fill(ELSEWHERE)
    await page.locator('input[inputmode="numeric"]').fill('5,000,000')
    await page.getByText('insufficient-funds').waitFor()
    await page.locator('input[inputmode="numeric"]').fill('1.5')
    await page.getByText('Whole sats, 1 or more.').waitFor()
    await page.locator('input[inputmode="numeric"]').fill('1 500 000')
    await page.getByLabel('my own rate').check()
    await page.getByLabel('Sats per virtual byte').fill('3')
    await page.getByText('In all').first().waitFor()
    const total = await page.locator('main dl.facts dd').nth(1).textContent()
    expect(Number(total!.replace(/\D/g, ''))).toBeGreaterThan(1_500_000)
    const lookedAgain = page.waitForRequest((request) => request.postData()?.includes('CreatePsbt') ?? false)
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await lookedAgain
    await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByText(/^Sent:/).waitFor()
    const sent = (await market.bench.wallet.history()).find(({ purpose }) => purpose === 'payment')!
    expect(total).toBe(`${(-sent.change).toLocaleString('en')} sats`)
    market.chain.forget(sent.txid)
    await page.getByRole('link', { name: 'History' }).click()
    await page.getByRole('button', { name: 'Raise the fee' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('my own rate').check()
    await dialog.getByLabel('Sats per virtual byte').fill('9')
    await dialog.getByRole('button', { name: 'Raise the fee' }).click()
    await page.getByText('gone: its coins went elsewhere').waitFor()
    const instead = (await market.bench.wallet.history()).find(({ dropped, fee }) => !dropped && fee !== undefined)
    expect(instead!.fee).toBeGreaterThan(sent.fee!)
    await page.getByRole('link', { name: instead!.txid.slice(0, 12) }).waitFor()
    quiet()
    await context.close()
  })

  it('spends nothing while it is locked, and opens for the right password alone', async () => {
    const market = await walletNode()
    const { page, context, quiet } = await visit(market, '/wallet')
    await page.getByRole('button', { name: 'Lock now' }).click()
    await page.getByText('Nothing is spent or signed on request').waitFor()
    expect(await flaws(page)).toEqual([])
    await page.getByLabel('Password of the keystore').fill('wrong')
    await page.getByRole('button', { name: 'Unlock' }).click()
    await page.getByText('wallet.wrong-password').waitFor()
    expect(market.lock.state()).toEqual({ locked: true })
    await page.getByRole('link', { name: 'Send' }).click()
    await page.getByText('The wallet is locked: nothing can be sent.').waitFor()
    await page.getByRole('link', { name: 'Balances' }).click()
    await page.getByLabel('Password of the keystore').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByText(/Coins can be spent until/).waitFor()
    expect(market.lock.state()).toMatchObject({ locked: false })
    quiet()
    await context.close()
  })

  it('makes, reads, signs and sends a PSBT', async () => {
    const market = await walletNode()
    const { page, context, quiet } = await visit(market, '/wallet/psbt')
    await page.getByLabel('Pay to').fill(ELSEWHERE)
    await page.getByLabel('Sats', { exact: true }).fill('400000')
    await page.getByRole('button', { name: 'Make it' }).click()
    const text = page.getByLabel(/^PSBT, base64/)
    await expect.poll(() => text.inputValue(), { timeout: LIMIT_MS }).toMatch(/^cHNidP/)
    await page.getByRole('button', { name: 'Look' }).click()
    await page.getByRole('region', { name: 'Outputs of the PSBT' }).getByText('400,000 sats').waitFor()
    await page.getByText(ELSEWHERE, { exact: true }).waitFor()
    const psbt = await text.inputValue()
    await text.fill(`${psbt}A`)
    await page.getByRole('region', { name: 'Outputs of the PSBT' }).waitFor({ state: 'detached' })
    await text.fill(psbt)
    await page.getByText(ELSEWHERE, { exact: true }).waitFor()
    expect(await flaws(page)).toEqual([])
    await page.getByRole('button', { name: 'Sign', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Sign', exact: true }).click()
    await page.getByText('1 inputs were signed by this wallet.').waitFor()
    await page.getByRole('button', { name: 'Send it' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Send it' }).click()
    await page.getByText(/The chain has it: transaction/).waitFor()
    await text.fill('nonsense')
    await page.getByRole('button', { name: 'Look' }).click()
    await page.getByText('wallet.bad-psbt').waitFor()
    quiet()
    await context.close()
  })

  it('gives out what watches it, and says where another wallet cannot be watched', async () => {
    const market = await walletNode()
    const { page, context, quiet } = await visit(market, '/wallet/watch')
    const [own] = market.node.market.desk!.descriptors()
    await page.getByText(own!.descriptor).waitFor()
    await page.getByLabel(/^Descriptor/).fill(own!.descriptor)
    await page.getByRole('button', { name: 'Look' }).click()
    await page.getByText('api.not-indexed').waitFor()
    quiet()
    await context.close()
  })
})
