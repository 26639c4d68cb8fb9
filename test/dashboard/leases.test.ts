import { Duplex } from 'node:stream'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fact } from '../../domain/fact.ts'
import { leaseStream } from '../../domain/ids.ts'
import { loginStream } from '../../domain/login/facts.ts'
import { plainJson } from '../../domain/plain-text.ts'
import type { Market, Terminals } from '../../src/api/port.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { noChromium } from '../api/chromium.ts'
import { smallMarket, startNode, type TestNode, TOKEN } from '../api/node.ts'
import { leaseFacts } from '../domain/lease/sample.ts'
import {
  buildDashboard,
  DASHBOARD,
  flaws,
  LOOKS,
  type Look,
  openVisitor,
  shows,
  type Visitor,
  WAIT_MS,
} from './browser.ts'
import { FILE, LEASE_ID, metered, PROVIDED, writeProvided, writeStory } from './lease/story.ts'

const HOSTILE = '<img src=x onerror="document.title=`broken in`">\u202egnp.exe\u001b[31m'
const REFUSED = 'f'.repeat(32)
const NONE = 'e'.repeat(32)
const LEAVING = '1'.repeat(32)
const BROKEN = '2'.repeat(32)
const GOOD_RECEIPT = plainJson(FILE)

let node: TestNode
let visitor: Visitor
let position = 0
const sent: unknown[] = []
const typed: string[] = []

/** A shell that says something that it should not, and ends when it is told to. */
const terminals: Terminals = {
  keyKept: async (leaseId) => leaseId === LEASE_ID,
  open: async () => {
    let end: (how: { readonly code: number }) => void = () => undefined
    const stream = new Duplex({
      read: () => undefined,
      write: (bytes: Buffer, _, done) => {
        typed.push(bytes.toString())
        if (typed.join('').includes('exit\r')) {
          stream.push(null)
          end({ code: 7 })
        }
        done()
      },
    })
    stream.push(
      '\u001b]0;broken in\u0007\u001b]52;c;YnJva2Vu\u0007\u001b]8;;http://evil.example\u001b\\here\u001b]8;;\u001b\\ welcome\r\n',
    )
    const ended = new Promise<{ readonly code: number }>((resolve) => {
      end = resolve
    })
    return { stream, ended, resize: () => undefined, close: () => stream.destroy() }
  },
}

beforeAll(async () => {
  if (noChromium) return
  buildDashboard()
  const journal = memoryJournal()
  const market: Market = {
    ...smallMarket(journal),
    terminals,
    async stopLease(leaseId, inMs) {
      sent.push(['stop', leaseId, inMs])
      return { leaseId, position: await journal.head() }
    },
    async topUpLease(leaseId, sats) {
      sent.push(['top up', leaseId, sats])
      return { leaseId, position: await journal.head() }
    },
    async pauseLease(leaseId, paused) {
      sent.push(['pause', leaseId, paused])
      return { problem: true, code: 'ending', message: 'it ends already', culprit: 'you', next: 'Rent again.' }
    },
  }
  node = await startNode(0, { dashboard: DASHBOARD, journal, market })
  await writeStory(journal)
  await writeProvided(journal)
  const login = { type: 'login.opened', at: 1, login: '00112233aabbccdd', key: 'SHA256:x', from: HOSTILE }
  await node.append(loginStream(PROVIDED), login as Fact)
  const { 'lease.sought': sought, 'lease.refused': refused } = leaseFacts(0, 'provider')
  position = await node.append(
    leaseStream(REFUSED),
    { ...sought, leaseId: REFUSED, remote: HOSTILE } as Fact,
    { ...refused, why: HOSTILE } as Fact,
  )
  visitor = await openVisitor()
})
afterAll(async () => {
  await visitor?.close()
  await node?.close()
})

const open = async (path: string, look?: Look) => {
  const watched = await visitor.open(node.api.url, TOKEN, path, look)
  await watched.page.getByRole('heading', { level: 1 }).waitFor()
  return watched
}
const state = (page: Page) => page.locator('svg.statechart').getAttribute('data-state')
const chooseFile = (page: Page, name: string, text: string) =>
  page.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) })

describe.skipIf(noChromium)('the pages of leases (need Debian’s chromium)', { timeout: 240_000 }, () => {
  it.each(Object.keys(LOOKS) as Look[])('have no flaw that axe finds, in %s', async (look) => {
    const { page, context, quiet } = await open('/leases', look)
    const places: readonly (readonly [string, string])[] = [
      ['/leases', 'too-expensive (provider)'],
      [`/lease/${LEASE_ID}`, 'May happen next'],
      [`/lease/${LEASE_ID}/log`, 'May happen next'],
      [`/lease/${LEASE_ID}/payments?tick=3`, 'over the close that pays'],
      [`/lease/${LEASE_ID}/terminal`, 'connected'],
      [`/lease/${REFUSED}`, 'too-expensive'],
      [`/lease/${PROVIDED}`, 'Earned until now'],
      ['/receipt', 'Download one on the page'],
      ['/replay', 'Export one on the page'],
    ]
    for (const [path, words] of places) {
      await page.goto(node.api.url + path)
      await page.getByText(words).first().waitFor()
      expect([path, await flaws(page)]).toEqual([path, []])
    }
    quiet()
    await context.close()
  })

  it('list every lease, filter in the address line, and say what to do when there is none', async () => {
    const { page, context, quiet } = await open('/leases')
    await shows(page, position)
    await page.getByLabel('State').selectOption('REFUSED')
    expect(new URL(page.url()).search).toBe('?state=REFUSED')
    await page.getByText('too-expensive (provider)').waitFor()
    expect(await page.getByText('zennet/busybox:1').count()).toBe(0)
    await page.getByLabel('State').selectOption('FAILED')
    await page.getByText('No lease fits.').waitFor()
    quiet()
    await context.close()
  })

  it('take a lease away that leaves the filter', async () => {
    const { page, context, quiet } = await open('/leases?state=running')
    const { 'lease.sought': sought, 'lease.refused': refused } = leaseFacts(0, 'provider')
    await shows(page, await node.append(leaseStream(LEAVING), { ...sought, leaseId: LEAVING } as Fact))
    const link = page.locator(`a[href="/lease/${LEAVING}"]`)
    await link.waitFor()
    await node.append(leaseStream(LEAVING), refused as Fact)
    await link.waitFor({ state: 'detached' })
    quiet()
    await context.close()
  })

  it('say it when the log has what may not follow', async () => {
    const { 'lease.sought': sought, 'lease.refused': refused } = leaseFacts(0, 'provider')
    const begun = { ...sought, leaseId: BROKEN } as Fact
    await node.append(leaseStream(BROKEN), begun, refused as Fact, begun)
    const { page, context } = await open(`/lease/${BROKEN}`)
    await page.getByText('dashboard.illegal-fact').waitFor()
    await context.close()
  })

  it('take another token from the address while they are open', async () => {
    const { page, context, quiet } = await visitor.open(node.api.url, 'wrong', '/leases')
    await page.getByText('does not know this token').waitFor()
    await page.goto(`${node.api.url}/leases#token=${TOKEN}`)
    await page.getByText('too-expensive (provider)').first().waitFor()
    expect(page.url()).not.toContain(TOKEN)
    quiet(/401|403|WebSocket/)
    await context.close()
  })

  it('show strangers’ words as words, and whose fault an end was', async () => {
    const { page, context, quiet } = await open(`/lease/${REFUSED}`)
    await page.getByText('onerror="document.title').first().waitFor()
    await page.getByText('The provider’s fault.').waitFor()
    expect(await page.getByText('\u202e').count()).toBe(0)
    expect(await page.title()).toBe('Lease · Zennet')
    quiet()
    await context.close()
  })

  it('follow what happens, and send what is asked for', async () => {
    const { page, context, quiet } = await open(`/lease/${LEASE_ID}`)
    await page.getByText('meter / flowing').first().waitFor()
    expect(await state(page)).toBe('meter.flowing')
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByRole('dialog', { name: 'Stop' }).getByRole('button', { name: 'Stop' }).click()
    await expect.poll(() => sent, { timeout: WAIT_MS }).toEqual([['stop', LEASE_ID, undefined]])
    await page.getByLabel('Stop in a while, minutes').fill('2.5')
    await page.getByRole('button', { name: 'Stop in a while' }).click()
    await page.getByText('takes a whole number of minutes').waitFor()
    await page.getByLabel('Stop in a while, minutes').fill('3')
    await page.getByRole('button', { name: 'Stop in a while' }).click()
    await page.getByRole('button', { name: 'Top up' }).click()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('it ends already').waitFor()
    await expect
      // Three connections: no order is promised.
      .poll(() => sent.slice(1).toSorted((a, b) => String(a).localeCompare(String(b))), { timeout: WAIT_MS })
      .toEqual([
        ['pause', LEASE_ID, true],
        ['stop', LEASE_ID, 180_000],
        ['top up', LEASE_ID, 20_000n],
      ])
    const now = await node.append(leaseStream(LEASE_ID), metered(4) as Fact)
    await shows(page, now)
    await page.getByText('tick 4;').waitFor()
    await node.append(leaseStream(LEASE_ID), { type: 'lease.starved', at: Date.now(), tick: 4, why: 'unpaid' } as Fact)
    await page.locator('svg.statechart[data-state="meter.starved"]').waitFor()
    await page.getByText('The newest tick is unpaid').waitFor()
    quiet()
    await context.close()
  })

  it('show the provider what it earns, and who logged in', async () => {
    const { page, context, quiet } = await open(`/lease/${PROVIDED}`)
    await page.getByRole('heading', { name: 'Lease that this node provides' }).waitFor()
    await page.getByText('Earned so far').waitFor()
    await page.getByText('Earned until now').waitFor()
    await page.getByRole('region', { name: 'Logins' }).getByText('onerror="document.title').waitFor()
    expect(await page.getByRole('button', { name: 'Top up' }).count()).toBe(0)
    quiet()
    await context.close()
  })

  it('go to any version of the log, by slider, keyboard and address', async () => {
    const { page, context, quiet } = await open(`/lease/${LEASE_ID}/log?at=5`)
    await page.getByText('The provider offers').first().waitFor()
    expect(await state(page)).toBe('negotiate')
    await page.getByRole('slider').focus()
    await page.keyboard.press('ArrowLeft')
    await page.locator('svg.statechart[data-state="negotiate"]').waitFor()
    await page.getByRole('heading', { name: 'Fact 4' }).waitFor()
    expect(new URL(page.url()).search).toBe('?at=4')
    await page.keyboard.press('Home')
    await page.locator('svg.statechart[data-state="unknown"]').waitFor()
    await page.getByRole('button', { name: 'Newest' }).click()
    await page.getByText('the present: it follows').waitFor()
    expect(new URL(page.url()).search).toBe('')
    quiet()
    await context.close()
  })

  it('take a log to another place, and refuse one that was changed', async () => {
    const { page, context, quiet } = await open(`/lease/${LEASE_ID}/log`)
    await page.getByText('May happen next').waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export' }).click()
    const stream = await (await download).createReadStream()
    const text = Buffer.concat(await stream.toArray()).toString()
    await page.goto(`${node.api.url}/replay`)
    await chooseFile(page, 'lease.jsonl', text)
    await page.getByText('Imported').waitFor()
    expect(await flaws(page)).toEqual([])
    expect(await page.locator('svg.statechart').getAttribute('data-state')).toMatch(/^meter/)
    await chooseFile(page, 'lease.jsonl', text.split('\n').toReversed().join('\n'))
    await page.getByText('dashboard.bad-log-file').waitFor()
    expect(await page.locator('svg.statechart').count()).toBe(0)
    quiet()
    await context.close()
  })

  it('lead from a tick to its signed voucher, and check it', async () => {
    const { page, context, quiet } = await open(`/lease/${LEASE_ID}/payments`)
    await page.getByRole('link', { name: 'Signed voucher of tick 3' }).click()
    await page.getByLabel('Checks of the voucher of tick 3').waitFor()
    expect(await page.locator('.checks [data-answer=ok]').count()).toBe(4)
    quiet()
    await context.close()
  })

  it('verify a receipt, and say which check of a changed one fails', async () => {
    const { page, context, quiet } = await open('/receipt')
    await chooseFile(page, 'receipt.json', GOOD_RECEIPT)
    await page.getByText('All that it says is so').waitFor()
    const changed = { ...JSON.parse(GOOD_RECEIPT) }
    changed.receipt = { ...changed.receipt, paidSats: String(BigInt(changed.receipt.paidSats) + 1n) }
    await chooseFile(page, 'receipt.json', JSON.stringify(changed))
    await page.getByText(/checks failed: do not rely on it/).waitFor()
    expect(await page.locator('[data-answer=wrong]').count()).toBeGreaterThan(1)
    expect(await flaws(page)).toEqual([])
    await chooseFile(page, 'receipt.json', '{"more":1}')
    await page.getByText('receipt.malformed').waitFor()
    expect(await page.locator('.checks').count()).toBe(0)
    quiet()
    await context.close()
  })

  it('open a terminal that lets output do nothing, and tell how the shell ended', async () => {
    const { page, context, quiet } = await open(`/lease/${LEASE_ID}/terminal`)
    await page.getByText('● connected').waitFor()
    await page.getByLabel('for a screen reader').check()
    await page.getByText('here welcome').first().waitFor()
    expect(await page.title()).toBe('Terminal · Zennet')
    await page.locator('.terminal-box textarea').focus()
    await page.keyboard.press('Shift+Escape')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Copy what is marked')
    await page.locator('.terminal-box textarea').focus()
    await page.keyboard.type('exit\n')
    await page.getByText('ended with exit code 7').waitFor()
    expect(typed.join('')).toBe('exit\r')
    quiet()
    await context.close()
  })

  it('say it when the shell is lost with its connection, and open another', async () => {
    const { page, context } = await visitor.open(node.api.url, TOKEN, `/lease/${LEASE_ID}/terminal`)
    typed.length = 0
    await page.routeWebSocket('**/terminal', (socket) => {
      const server = socket.connectToServer()
      socket.onMessage((message) => {
        if (String(message).includes('lose')) void socket.close({ code: 4_500, reason: '' })
        else server.send(message)
      })
    })
    await page.reload()
    await page.getByText('● connected').waitFor()
    await page.locator('.terminal-box textarea').focus()
    await page.keyboard.insertText('lose')
    await page.getByText('the connection was lost').waitFor()
    await page.getByRole('button', { name: 'Open a new one' }).click()
    await page.getByText('● connected').waitFor()
    await context.close()
  })

  it('say what to do without a lease, or a key', async () => {
    const { page, context } = await open(`/lease/${NONE}/terminal`)
    await page.getByText('This node has no such lease.').waitFor()
    await page.goto(`${node.api.url}/lease/${NONE}/log`)
    await page.getByText('This node has no such lease.').waitFor()
    await page.goto(`${node.api.url}/lease/${REFUSED}/terminal`)
    await page.getByText('This node lends the machine out').waitFor()
    await context.close()
  })
})
