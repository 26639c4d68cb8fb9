import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { openChromium } from '../api/chromium.ts'

/** Pages take what they take on a busy machine, ms. */
export const WAIT_MS = 90_000

/** Where the dashboard's files are once it is built. */
export const DASHBOARD = fileURLToPath(new URL('../../.cache/dashboard/page', import.meta.url))

/** Builds the dashboard of what lies here, when that was not done yet. */
export const buildDashboard = (): void => {
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'ops/dashboard/build.ts'], {
    stdio: 'inherit',
  })
}

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

/** How a screen is looked at: each scheme, and the width of a phone. */
export const LOOKS = {
  light: { viewport: { width: 1_280, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1_280, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
} as const
export type Look = keyof typeof LOOKS

/** Another test’s Docker made or took a network of this machine: the browser drops what it was asking, and the page asks again. */
const NETWORK_CHANGED = /net::ERR_NETWORK_CHANGED/

/** A page that is watched: what it asks elsewhere, and what it complains of. */
export type Watched = {
  readonly page: Page
  readonly context: BrowserContext
  /** Nobody else was asked, and nothing was complained of. `known`: complaints that the test brought about. */
  quiet(known?: RegExp): void
}

export type Visitor = {
  readonly browser: Browser
  /** Opens `path` as the node's owner, who came by the address that `zennet dashboard` prints. */
  open(url: string, token: string | undefined, path: string, look?: Look): Promise<Watched>
  close(): Promise<void>
}

export const openVisitor = async (): Promise<Visitor> => {
  const browser = await openChromium()
  return {
    browser,
    open: async (url, token, path, look = 'light') => {
      const context = await browser.newContext(LOOKS[look])
      const page = await context.newPage()
      page.setDefaultTimeout(WAIT_MS)
      const elsewhere: string[] = []
      const complaints: string[] = []
      page.on('request', (request) => {
        const { protocol, origin } = new URL(request.url())
        if (!['data:', 'blob:'].includes(protocol) && origin !== new URL(url).origin) elsewhere.push(request.url())
      })
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type()) && !NETWORK_CHANGED.test(message.text()))
          complaints.push(message.text())
      })
      page.on('pageerror', (error) => complaints.push(String(error)))
      await page.addInitScript(() => {
        addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
          console.error(`policy: ${violatedDirective} ${blockedURI}`),
        )
      })
      await page.goto(`${url}${path}${token === undefined ? '' : `#token=${token}`}`)
      return {
        page,
        context,
        quiet: (known) => {
          expect(elsewhere).toEqual([])
          expect(complaints.filter((one) => known === undefined || !known.test(one))).toEqual([])
        },
      }
    },
    close: () => browser.close(),
  }
}

/** Waits until the page shows what the log had at `position`. */
export const shows = (page: Page, position: number): Promise<unknown> =>
  page.waitForFunction((at) => Number(document.querySelector('main')?.getAttribute('data-position')) >= at, position, {
    timeout: WAIT_MS,
  })

/** What axe-core finds wrong with the page, as one line each: rule, element, what to do. WCAG 2.2 A and AA, and its best practices. */
export const flaws = async (page: Page): Promise<string[]> => {
  // Its text is run by the browser's debugger, not by the page, whose policy lets in no script of others.
  await page.evaluate(AXE)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }>
      }
    }
    const { violations } = await axe.run()
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} – ${failureSummary ?? ''}`),
    )
  })
}
