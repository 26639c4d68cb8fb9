import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Debian's; playwright-core brings no browser of its own. */
const PATH = '/usr/bin/chromium'

/** Without a browser these tests are skipped, but never where everything must run. */
export const noChromium = !existsSync(PATH) && !process.env['CI']

/** Without a sandbox, which root cannot have, and without what a browser does by itself on the network. */
export const openChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: PATH,
    headless: true,
    timeout: 60_000,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  })
