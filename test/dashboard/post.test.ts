import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { FIRST_FORM } from '../../src/dashboard/post/form.ts'
import { changed, inputOf, wrongFields } from '../../src/dashboard/post/input.ts'
import { noChromium } from '../api/chromium.ts'
import { startNode, type TestNode, TOKEN, TXID } from '../api/node.ts'
import { leaseIdNumber, toMetering } from '../projections/lease-history.ts'
import { buildDashboard, DASHBOARD, flaws, LOOKS, type Look, openVisitor, shows, type Visitor } from './browser.ts'
import { lately } from './history.ts'

const KEY = `ssh-ed25519 ${'A'.repeat(68)} me@here`

describe('the form of a wish', () => {
  it('becomes what the node is asked, whole and exact', () => {
    expect(
      inputOf({ ...FIRST_FORM, memoryMiB: '9007199254740993', cpu: '0.5', minutes: '1.5', keys: `\n ${KEY} \n` }),
    ).toMatchObject({
      memoryBytes: String(9_007_199_254_740_993n * 1_048_576n),
      cpu: 0.5,
      maxDurationS: 90,
      authorizedKeys: [KEY],
      image: null,
    })
  })

  it('shows what the node says of a field beside that field', () => {
    expect(wrongFields('memoryBytes: Too small; authorizedKeys.3: expected an OpenSSH public key; nothing: x')).toEqual(
      {
        memoryMiB: 'Too small',
        keys: 'expected an OpenSSH public key',
      },
    )
    expect(wrongFields('cpu and cpuMillis are both given')).toEqual({})
  })

  it('takes the changes that the node proposes, and no others', () => {
    expect(changed(FIRST_FORM, 'cpuMillis', '1500')?.cpu).toBe('1.5')
    expect(changed(FIRST_FORM, 'memoryBytes', '134217728')?.memoryMiB).toBe('128')
    expect(changed(FIRST_FORM, 'label', 'x')).toBeUndefined()
  })
})

let node: TestNode
let visitor: Visitor
let position = 0

beforeAll(async () => {
  if (noChromium) return
  buildDashboard()
  node = await startNode(0, { dashboard: DASHBOARD })
  const known = leaseIdNumber(1)
  position = await node.append(`lease-${known}`, ...lately(toMetering(known)))
  visitor = await openVisitor()
})
afterAll(async () => {
  await visitor?.close()
  await node?.close()
})

describe.skipIf(noChromium)('announcing (needs Debian’s chromium)', () => {
  it.each(Object.keys(LOOKS) as Look[])('has no flaw that axe finds, in %s', async (look) => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/post', look)
    await shows(page, position)
    await page.getByText('More', { exact: true }).click()
    await page.getByText('would not', { exact: true }).click()
    await page.getByLabel('Memory, MiB').fill('1')
    await page.getByText('✗ Too small').waitFor()
    expect(await flaws(page)).toEqual([])
    quiet()
    await context.close()
  })

  it('says who would not and why, and eases the wish on demand', async () => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/post')
    await page.getByText('More', { exact: true }).click()
    await page.getByLabel('Processes').fill('64')
    await page.getByText('0 would', { exact: true }).waitFor()
    await page.getByLabel('At most, sats an hour').fill('1')
    await page.getByText('The least that wins one more').waitFor()
    await page.getByRole('button', { name: 'Change it so' }).click()
    await page.getByText('1 would', { exact: true }).waitFor()
    expect(Number(await page.getByLabel('At most, sats an hour').inputValue())).toBeGreaterThan(1)
    quiet()
    await context.close()
  })

  it('tells that there are too few coins, and where to send them', async () => {
    const own = await startNode(0, { dashboard: DASHBOARD })
    const poor = {
      problem: true as const,
      code: 'insufficient-funds',
      message: 'the wallet has 0 sats',
      culprit: 'you' as const,
      next: 'Receive coins.',
    }
    Object.assign(own.market, { checkAnnouncement: async () => poor, receiveAddress: async () => 'zn1qaddress' })
    const { page, context, quiet } = await visitor.open(own.api.url, TOKEN, '/post')
    await page.getByText('the wallet has 0 sats').waitFor()
    await page.getByText('This node has met no provider').waitFor()
    await page.getByText('The wallet is locked: nothing can be announced.').waitFor()
    await page.getByText('This node knows no block of').waitFor()
    await page.getByRole('button', { name: 'Show an address' }).click()
    await page.getByText('zn1qaddress', { exact: true }).waitFor()
    expect(await flaws(page)).toEqual([])
    quiet()
    await context.close()
    await own.close()
  })

  it('posts once, says how far it is, and goes to the lease when the machine runs', async () => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/post')
    await page.getByLabel('Own public keys').fill(KEY)
    await page.getByLabel('Label').fill('from the page')
    await page.getByRole('button', { name: 'Announce', exact: true }).click()
    await page.getByText('On the chain').waitFor()
    expect(page.url()).toContain(`posted=${TXID}`)
    expect(node.market.posts.length).toBe(1)
    const { request } = node.market.posts[0]!
    expect(request).toMatchObject({ keepKey: true, body: { label: 'from the page', maxDurationMs: 600_000 } })
    expect(request.order.authorizedKeys).toEqual([KEY])
    expect(request.order.giveUpAt).toBeGreaterThan(Date.now())
    expect(await flaws(page)).toEqual([])
    const lease = leaseIdNumber(2)
    const facts = lately(toMetering(lease)).map(
      (fact): LeaseFact => (fact.type === 'lease.sought' ? { ...fact, announcement: `${TXID}:1` } : fact),
    )
    await node.append(`lease-${lease}`, ...facts.slice(0, -2))
    await page.getByText('Both signed the same terms: done').waitFor()
    // Told by the lease's own feed alone.
    await node.append(`lease-${lease}`, ...facts.slice(-2))
    await page.waitForURL(`**/lease/${lease}`)
    quiet()
    await context.close()
  })
})
