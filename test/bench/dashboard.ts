import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import type { Fact } from '../../domain/fact.ts'
import { leaseStream } from '../../domain/ids.ts'
import { startNode, type TestNode, TOKEN } from '../api/node.ts'
import { buildDashboard, DASHBOARD, LOOKS, openVisitor, shows, WAIT_MS } from '../dashboard/browser.ts'
import { AT, leaseIdNumber, metered, toMetering } from '../projections/lease-history.ts'

// The dashboard in a browser: its first load, ten thousand rows, a lease that ticks, and whether memory stays level.
//   node test/bench/dashboard.ts [SECONDS]          (of a lease at one tick a second; default 30)

const SECONDS = Number(process.argv[2] ?? 30)
const ROWS = 10_000
const AT_ONCE = 500
const CHANGES_A_SECOND = 20
const SCROLL_MS = 5_000
/** An hour of ticks, as fast as the page asks for them. */
const HOUR_TICKS = 3_600
const TICKS_A_SECOND = 40
const LEASE = leaseIdNumber(7)

const txid = (i: number): string => i.toString(16).padStart(64, '0')
const announced = (i: number): Fact =>
  ({
    type: 'announcement.posted',
    at: AT + i,
    txid: txid(i),
    body: {
      version: 1,
      label: `wish ${i}`,
      image: 'zennet/busybox:1',
      resources: { cpuMillis: 500, memoryBytes: 67_108_864, diskBytes: 67_108_864, pids: 64 },
      isolation: 'none',
      machineNetwork: 'none',
      count: 1,
      maxHourlyMsat: BigInt(1_000_000 + i),
      maxDurationMs: 3_600_000,
    },
    order: {
      authorizedKeys: ['ssh-ed25519 A'],
      capacitySats: 40_000n,
      tickMs: 1_000,
      dataGraceMs: 0,
      offerWindowMs: 0,
    },
  }) as Fact

const fill = async (node: TestNode): Promise<void> => {
  for (let i = 1; i <= ROWS; i += AT_ONCE)
    await node.journal.transact(
      Array.from({ length: AT_ONCE }, (_, n) => ({
        stream: `announcement-${txid(i + n)}`,
        expected: 0,
        facts: [announced(i + n)],
      })),
    )
  await node.journal.transact([{ stream: leaseStream(LEASE), expected: 0, facts: toMetering(LEASE) }])
  await node.projector.waitFor(await node.journal.head(), 120_000)
}

/** Every page has a tick: the facts of a lease go on from the version that it has. */
const ticker = async (node: TestNode) => {
  let version = (await node.journal.read(leaseStream(LEASE))).length
  let tick = 0
  return () => {
    tick++
    const facts = [metered(LEASE, tick), { type: 'lease.paid', at: AT + tick, tick, paidSats: 1_000n + BigInt(tick) }]
    const expected = version
    version += facts.length
    return node.journal.transact([{ stream: leaseStream(LEASE), expected, facts: facts as Fact[] }])
  }
}

const firstLoad = async (page: Page): Promise<string[]> => {
  const { bytes, readyMs } = await page.evaluate(() => {
    const files = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
    const scripts = files.filter(({ name }) => name.endsWith('.js'))
    return {
      bytes: scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
      readyMs: (globalThis as unknown as { readyMs: number }).readyMs,
    }
  })
  return [
    `| JavaScript of the first load, compressed | ${(bytes / 1_000).toFixed(1)} KB |`,
    `| page asked for → rows shown and usable | ${Math.round(readyMs)} ms |`,
  ]
}

/** Scrolls through all rows and back while others change. @returns frames a second, the median and the worst tenth */
const scrolled = async (page: Page, node: TestNode): Promise<string[]> => {
  const rows = page.getByRole('region', { name: 'Announcements' })
  await rows.evaluate(
    async (box, wanted) => {
      while (box.querySelector('table')!.getAttribute('aria-rowcount') !== String(wanted + 1)) {
        box.scrollTo(0, box.scrollHeight)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    ROWS,
    { timeout: 300_000 },
  )
  const changing = new AbortController()
  const changes = (async () => {
    for (let i = 1; !changing.signal.aborted; i++) {
      await node.append(`announcement-${txid(ROWS + i)}`, announced(ROWS + i))
      await sleep(1_000 / CHANGES_A_SECOND)
    }
  })()
  const frames = await rows.evaluate(
    (box, ms) =>
      new Promise<number[]>((resolve) => {
        const gaps: number[] = []
        const began = performance.now()
        let last = began
        const frame = (now: number) => {
          gaps.push(now - last)
          last = now
          const share = (now - began) / ms
          box.scrollTop = (box.scrollHeight - box.clientHeight) * Math.abs(Math.sin(share * Math.PI * 2))
          if (share < 1) requestAnimationFrame(frame)
          else resolve(gaps.slice(1))
        }
        requestAnimationFrame(frame)
      }),
    SCROLL_MS,
  )
  changing.abort()
  await changes
  const sorted = frames.toSorted((a, b) => a - b)
  const at = (share: number) => (1_000 / sorted[Math.floor((sorted.length - 1) * share)]!).toFixed(0)
  const mean = (1_000 * frames.length) / frames.reduce((sum, gap) => sum + gap, 0)
  return [
    `| ${ROWS.toLocaleString('en')} rows scrolled, ${CHANGES_A_SECOND} changes a second: frames a second, mean / slowest tenth | ${mean.toFixed(0)} / ${at(0.9)} |`,
  ]
}

type Processes = { readonly processInfo: readonly { readonly type: string; readonly cpuTime: number }[] }

/** CPU seconds that the browser's page processes have used. */
const cpuS = async (browser: Browser): Promise<number> => {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = (await session.send('SystemInfo.getProcessInfo')) as Processes
  await session.detach()
  return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { cpuTime }) => sum + cpuTime, 0)
}

const heapMb = async (page: Page): Promise<number> => {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = (await session.send('Runtime.getHeapUsage')) as { usedSize: number }
  await session.detach()
  return usedSize / 1_000_000
}

const run = async (): Promise<void> => {
  buildDashboard()
  const node = await startNode(0, { dashboard: DASHBOARD })
  const visitor = await openVisitor()
  const lines: string[] = []
  try {
    await fill(node)
    // Once before, as whoever comes a second time after a restart: the browser's own start is not ours.
    await (await visitor.open(node.api.url, TOKEN, '/market')).context.close()
    const context = await visitor.browser.newContext(LOOKS.light)
    const page = await context.newPage()
    page.setDefaultTimeout(WAIT_MS)
    await page.addInitScript(() => {
      const look = () => {
        if (document.querySelector('.rows tbody tr td code')) {
          ;(globalThis as unknown as { readyMs: number }).readyMs = performance.now()
        } else requestAnimationFrame(look)
      }
      requestAnimationFrame(look)
    })
    await page.goto(`${node.api.url}/market#token=${TOKEN}`)
    await shows(page, await node.journal.head())
    await page.waitForFunction(() => (globalThis as unknown as { readyMs?: number }).readyMs !== undefined)
    lines.push(...(await firstLoad(page)))
    lines.push(...(await scrolled(page, node)))
    await context.close()

    const lease = await visitor.open(node.api.url, TOKEN, `/lease/${LEASE}`)
    const tick = await ticker(node)
    await tick()
    await shows(lease.page, await node.journal.head())
    await sleep(5_000)
    const before = await cpuS(visitor.browser)
    for (let second = 0; second < SECONDS; second++) {
      await tick()
      await sleep(1_000)
    }
    const share = ((await cpuS(visitor.browser)) - before) / SECONDS
    lines.push(`| a lease’s page at one tick a second, of a core | ${(share * 100).toFixed(1)} % |`)

    const heaps: number[] = []
    for (let i = 0; i < HOUR_TICKS; i++) {
      if (i % (HOUR_TICKS / 6) === 0) heaps.push(await heapMb(lease.page))
      await tick()
      await sleep(1_000 / TICKS_A_SECOND)
    }
    await shows(lease.page, await node.journal.head())
    heaps.push(await heapMb(lease.page))
    lines.push(
      `| heap of that page over an hour of ticks, each sixth, MB | ${heaps.map((mb) => mb.toFixed(1)).join(', ')} |`,
    )
  } finally {
    await visitor.close()
    await node.close()
  }
  console.log(['| the dashboard | |', '|---|---|', ...lines].join('\n'))
}

await run()
