import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawn } from '@lydell/node-pty'
import { chromium, type Page } from 'playwright-core'
import { graphqlClient } from '../../src/api/client.ts'
import { pictureOf, TERMINAL, type Written } from './recording.ts'

// Makes the pictures of the README from the running product: a market on this machine, its dashboard, and its terminal.
//   npm run pictures          (needs Chromium at /usr/bin/chromium, and what npm start needs)

const CHROMIUM = '/usr/bin/chromium'
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking']
const WAIT_MS = 180_000
const PORTS = ['api', 'publisher', 'shell', 'rpc'].flatMap((name) => [`--${name}-port`, '0'])

const root = fileURLToPath(new URL('../../', import.meta.url))
const pictures = join(root, 'docs', 'pictures')

/** Runs `zennet start` in a terminal. @returns what it wrote, and its addresses once the market stands */
const startMarket = (dataDir: string) => {
  const written: Written[] = []
  const began = performance.now()
  const args = ['--disable-warning=ExperimentalWarning', 'src/cli/main.ts', 'start', '--data-dir', dataDir, ...PORTS]
  const child = spawn(process.execPath, args, {
    ...TERMINAL,
    cwd: root,
    env: { ...process.env, TERM: 'xterm-256color' },
  })
  const ready = new Promise<{ readonly url: string; readonly token: string }>((resolve, reject) => {
    child.onData((text) => {
      written.push({ atMs: performance.now() - began, text })
      const [, url, token] =
        /dashboard\s+(http:\/\/\S+?)\/#token=(\S+)/.exec(written.map((one) => one.text).join('')) ?? []
      if (url !== undefined && token !== undefined && /Ctrl-C/.test(text)) resolve({ url, token })
    })
    child.onExit(({ exitCode }) => reject(new Error(`the market ended with code ${exitCode}`)))
  })
  const stop = () =>
    new Promise<void>((resolve) => {
      child.onExit(() => resolve())
      child.kill('SIGINT')
    })
  return { written, ready, stop }
}

/** A lease that runs while it is looked at. */
const rent = async (url: string, token: string): Promise<string> => {
  const client = graphqlClient({ url, token })
  const { rent: posted } = await client.request<{ rent: { readonly txid?: string } }>(
    `mutation($input: RentInput!) { rent(input: $input) { ... on AnnouncementPosted { txid } ... on Problem { message } } }`,
    {
      input: {
        keepKey: true,
        idempotencyKey: crypto.randomUUID(),
        label: 'render frames 1–200',
        maxHourlySats: '2000000',
        budgetSats: '200000',
        diskBytes: '67108864',
        maxDurationS: 1_800,
        waitMs: 60_000,
      },
    },
  )
  if (posted.txid === undefined) throw new Error(`not announced: ${JSON.stringify(posted)}`)
  for (const until = performance.now() + WAIT_MS; performance.now() < until; ) {
    const { leases } = await client.request<{
      leases: { readonly edges: readonly { readonly node: { readonly leaseId: string; readonly tick: number } }[] }
    }>('query($of: [Hex!]!) { leases(first: 1, filter: { announcement: $of }) { edges { node { leaseId tick } } } }', {
      of: [posted.txid],
    })
    const lease = leases.edges[0]?.node
    if (lease !== undefined && lease.tick >= 12) return lease.leaseId
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error('no lease came to run')
}

/** The size of the file, in turn, is why it is not in twice the resolution. */
const take = async (page: Page, name: string): Promise<void> => {
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path: join(pictures, `${name}.png`) })
  process.stderr.write(`pictures: ${name}.png\n`)
}

const run = async (): Promise<void> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'zennet-pictures-'))
  const browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS })
  const market = startMarket(dataDir)
  try {
    const { url, token } = await market.ready
    const recorded = [...market.written]
    const leaseId = await rent(url, token)
    for (const scheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ viewport: { width: 1_280, height: 800 }, colorScheme: scheme })
      const page = await context.newPage()
      page.setDefaultTimeout(WAIT_MS)
      await page.goto(`${url}/market#token=${token}`)
      await page.getByText('render frames 1–200').waitFor()
      if (scheme === 'light') await take(page, 'market')
      await page.goto(`${url}/lease/${leaseId}`)
      await page
        .getByText(/^meter$/)
        .first()
        .waitFor()
      await page.getByRole('heading', { name: 'Where it stands' }).waitFor()
      await take(page, `lease-${scheme}`)
      if (scheme === 'dark') {
        await page.goto(`${url}/lease/${leaseId}/terminal`)
        await page.getByText('● connected').waitFor()
        await page.keyboard.type('uname -sm; echo $((6 * 7)); df -h /\n')
        await page.locator('.xterm-rows').getByText('42').first().waitFor()
        await take(page, 'terminal')
      } else {
        await page.goto(`${url}/post`)
        await page.getByRole('heading', { name: 'Who would answer now' }).waitFor()
        await take(page, 'announce')
      }
      await context.close()
    }
    const page = await browser.newPage()
    const xterm = readFileSync(join(root, 'node_modules', '@xterm', 'xterm', 'lib', 'xterm.js'), 'utf8')
    // The addresses of this one run, with its token, are nothing to keep.
    const shown = recorded.map(({ atMs, text }) => ({
      atMs,
      text: text.replaceAll(token, '…').replace(/#token=\S+/g, '#token=…'),
    }))
    const picture = await pictureOf(page, xterm, shown, 'npm start: a whole market on this machine, and one lease')
    writeFileSync(join(pictures, 'start.svg'), picture)
    process.stderr.write('pictures: start.svg\n')
  } finally {
    await browser.close()
    await market.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

await run()
