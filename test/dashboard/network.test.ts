import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock/system.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { openEffectCommands } from '../../src/market/effect-commands.ts'
import { noChromium } from '../api/chromium.ts'
import { smallMarket, startNode, type TestNode, TOKEN } from '../api/node.ts'
import { effectFacts } from '../domain/effect/sample.ts'
import { timerFacts } from '../domain/timer/sample.ts'
import { buildDashboard, DASHBOARD, flaws, LOOKS, type Look, openVisitor, shows, type Visitor } from './browser.ts'
import { block, hashOf } from './chain-facts.ts'

const HOSTILE = '<img src=x onerror="document.title=`broken in`">\u202egnp'
const EFFECT = 'e'.repeat(32)
const effect = effectFacts()

let node: TestNode
let visitor: Visitor
let position = 0
const rebuilt: string[] = []

beforeAll(async () => {
  if (noChromium) return
  buildDashboard()
  const journal = memoryJournal()
  const streams = openStreams(journal)
  const market = { ...smallMarket(journal), effects: openEffectCommands({ journal, streams, clock: systemClock }) }
  node = await startNode(0, { dashboard: DASHBOARD, journal, market })
  const { projector } = node
  const rebuild = projector.rebuild.bind(projector)
  projector.rebuild = (name, key) => {
    rebuilt.push(name)
    rebuild(name, key)
  }
  await node.append('chain', { ...block(0, [hashOf(1)]), time: Math.floor(Date.now() / 1_000) } as never)
  await node.append(`timer-${EFFECT}`, timerFacts()['timer.set'] as never)
  await node.append(`effect-${EFFECT}`, { ...effect['effect.asked'], kind: HOSTILE } as never)
  await node.append('chain', {
    ...{ type: 'chain.reorganised', at: 1, depth: 3, height: 0, hash: hashOf(0), from: hashOf(9) },
  } as never)
  position = await node.append(`effect-${EFFECT}`, effect['effect.parked'])
  visitor = await openVisitor()
})
afterAll(async () => {
  await visitor?.close()
  await node?.close()
})

describe.skipIf(noChromium)('health and API (need Debian’s chromium)', () => {
  it.each(Object.keys(LOOKS) as Look[])('have no flaw that axe finds, in %s', async (look) => {
    for (const path of ['/health', '/api']) {
      const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, path, look)
      if (path === '/health') {
        await shows(page, position)
        await page.getByRole('region', { name: 'Effects' }).getByText('onerror="document.title').waitFor()
        await page.getByRole('heading', { name: /Program/ }).waitFor()
        await page.getByRole('region', { name: 'Reorganisations' }).getByText('3', { exact: true }).waitFor()
      } else await page.getByText('walletHistory', { exact: true }).waitFor()
      expect([path, await flaws(page)]).toEqual([path, []])
      const isWider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
      expect([path, isWider]).toEqual([path, false])
      quiet()
      await context.close()
    }
  })

  it('says what is not good, and lets a parked effect be tried again or given up', async () => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/health')
    await page.getByText('One thing could not be done, and wait').waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('Nothing waits for a person.').waitFor()
    const types = async () => (await node.journal.read(`effect-${EFFECT}`)).map(({ fact }) => fact.type)
    expect(await types()).toEqual(['effect.asked', 'effect.parked', 'effect.replayed'])
    await node.append(`effect-${EFFECT}`, effect['effect.parked'])
    await page.getByRole('button', { name: 'Give it up' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Give it up' }).click()
    await page.getByText('All that was to be done is done.').waitFor()
    expect(await types()).toContain('effect.dropped')
    quiet()
    await context.close()
  })

  it('builds a table anew when it is told to', async () => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/health')
    const row = page.getByRole('row', { name: /^leases/ })
    await row.getByRole('button', { name: 'Build anew' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Build anew' }).click()
    await expect.poll(() => rebuilt, { timeout: 60_000 }).toEqual(['leases'])
    quiet()
    await context.close()
  })

  it('has everything that can be asked, and finds it', async () => {
    const { page, context, quiet } = await visitor.open(node.api.url, TOKEN, '/api')
    await page.getByLabel('Search').fill('wallet history')
    await page.getByText(/Queries: 1 of/).waitFor()
    await page.getByText('walletHistory', { exact: true }).waitFor()
    await page.getByLabel('Search').fill('no such thing')
    await page.getByText('None has these words.').first().waitFor()
    await page.getByLabel('Key', { exact: true }).fill('nonsense')
    await page.getByRole('button', { name: 'End them' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'End them' }).click()
    await page.getByText('dashboard.bad-key').waitFor()
    await page.getByLabel('Key', { exact: true }).fill(`02${'c'.repeat(64)}`)
    await page.getByRole('button', { name: 'End them' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'End them' }).click()
    await page.getByText('They are ended.').waitFor()
    quiet()
    await context.close()
  })

  it('says what is wrong with a node that has nothing yet', async () => {
    const empty = await startNode(0, { dashboard: DASHBOARD })
    const { page, context, quiet } = await visitor.open(empty.api.url, TOKEN, '/health')
    await page.getByText('No block has been read yet.').waitFor()
    await page.getByText('All that was to be done is done.').waitFor()
    expect(await flaws(page)).toEqual([])
    quiet()
    await context.close()
    await empty.close()
  })
})
