import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noChromium, openChromium } from './chromium.ts'
import { startNode, type TestNode, TOKEN } from './node.ts'

let node: TestNode
beforeAll(async () => {
  node = await startNode()
})
afterAll(() => node.close())

const WAIT_MS = 60_000
const POLICY = /script-src 'self';(?!.*unsafe-eval)/

describe('the page', () => {
  it('has no script of its own, and may run none but its server’s files', async () => {
    const response = await fetch(`${node.api.url}/graphql`, { headers: { accept: 'text/html' } })
    expect(response.headers.get('content-security-policy')).toMatch(POLICY)
    const page = await response.text()
    const scripts = [...page.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)]
    expect(scripts.length).toBeGreaterThan(0)
    for (const [, attributes, body] of scripts) {
      expect(attributes).toMatch(/^ src="\/graphiql\/[a-z.]+"$/)
      expect(body).toBe('')
    }
  })

  it('has each of its files, and no other', async () => {
    const page = await (await fetch(`${node.api.url}/graphql`, { headers: { accept: 'text/html' } })).text()
    const named = [...page.matchAll(/"(\/graphiql\/[^"]+)"/g)].map(([, path]) => path!)
    const environment = await (await fetch(`${node.api.url}/graphiql/environment.js`)).text()
    const workers = [...environment.matchAll(/'(\/graphiql\/[^']+)'/g)].map(([, path]) => path!)
    expect([named.length, workers.length]).toEqual([5, 3])
    for (const path of [...named, ...workers]) {
      const response = await fetch(`${node.api.url}${path}`)
      expect([path, response.status, response.headers.get('x-content-type-options')]).toEqual([path, 200, 'nosniff'])
      expect(response.headers.get('content-security-policy')).toMatch(POLICY)
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(50)
    }
    for (const path of ['/graphiql/toString', '/graphiql/..%2fpackage.json', '/graphiql/'])
      expect((await fetch(`${node.api.url}${path}`)).status).toBe(404)
  })
})

describe.skipIf(noChromium)('in a browser (needs Debian’s chromium)', () => {
  it('loads, answers a query, breaks no rule of its policy, and asks nobody else', async () => {
    const browser = await openChromium()
    try {
      const page = await browser.newPage()
      const elsewhere: string[] = []
      const complaints: string[] = []
      page.on('request', (request) => {
        const url = new URL(request.url())
        if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== node.api.url) elsewhere.push(request.url())
      })
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text())
      })
      page.on('pageerror', (error) => complaints.push(String(error)))
      await page.addInitScript(() => {
        addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
          console.error(`policy: ${violatedDirective} ${blockedURI}`),
        )
      })
      // As a person would, in the editor of headers; before that GraphiQL has no token, and its question for the schema is refused.
      await page.route(`${node.api.url}/graphql`, async (route) => {
        const headers = { ...route.request().headers(), authorization: `Bearer ${TOKEN}` }
        await route.continue(route.request().method() === 'POST' ? { headers } : {})
      })
      await page.goto(`${node.api.url}/graphql`, { waitUntil: 'load', timeout: WAIT_MS })
      const run = page.locator('.graphiql-execute-button')
      await run.waitFor({ timeout: WAIT_MS })
      await page.locator('.graphiql-editors .view-lines').first().click({ timeout: WAIT_MS })
      await page.keyboard.press('Control+A')
      await page.keyboard.insertText('{ status { network } }')
      // The editor closes brackets by itself.
      await page.keyboard.press('Control+Shift+End')
      await page.keyboard.press('Delete')
      await run.click({ timeout: WAIT_MS })
      const answer = page.locator('.result-window').filter({ hasText: '"network"' })
      await answer.waitFor({ timeout: WAIT_MS })
      expect(elsewhere).toEqual([])
      expect(complaints).toEqual([])
      // The check bites: a script that somebody brought in does not run, and is complained of.
      await page.addScriptTag({ content: 'document.title = "broken in"' }).catch(() => undefined)
      await expect.poll(() => complaints.join('\n'), { timeout: WAIT_MS }).toContain('policy: script-src')
      expect(await page.title()).not.toBe('broken in')
    } finally {
      await browser.close()
    }
  }, 240_000)
})
