// Ends with 0 when the program of this container does its work: `healthy.mjs node` or `healthy.mjs chain`. A node answers on /readyz (one
// without the role api can only be seen to run), the chain alone by its JSON-RPC.
import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

/** A health check that takes longer has failed; Docker's own limit is above it. */
const LIMIT_MS = 8_000
const API = '/data/api.json'
const COOKIE = '/chain/.cookie'
const RPC = 'http://127.0.0.1:28554/'

const ask = (url, options = {}) => fetch(url, { ...options, signal: AbortSignal.timeout(LIMIT_MS) })

/** Whether the node of this container is to serve an API, by the words that it was started with and its other settings. */
const servesApi = async () => {
  const { readConfig } = await import('../../src/config.ts')
  const words = readFileSync('/proc/1/cmdline', 'utf8').split('\0')
  const args = words.slice(words.indexOf('src/main.ts') + 1)
  const string = { type: 'string' }
  const { values } = parseArgs({
    args,
    options: { roles: { ...string, multiple: true }, config: string },
    strict: false,
  })
  const roles = values.roles === undefined ? {} : { roles: values.roles.join(',') }
  return readConfig({ flags: { config: values.config, ...roles }, env: process.env }).roles.includes('api')
}

const node = async () => {
  if (!existsSync(API) && !(await servesApi())) return { ok: true, text: async () => 'it serves no API' }
  const { url } = JSON.parse(readFileSync(API, 'utf8'))
  return await ask(`${url}/readyz`)
}

const chain = async () => {
  const authorization = `Basic ${Buffer.from(readFileSync(COOKIE, 'utf8').trim()).toString('base64')}`
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getblockchaininfo', params: [] })
  return await ask(RPC, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body })
}

const answer = await (process.argv[2] === 'chain' ? chain() : node()).catch((error) => ({
  ok: false,
  text: () => String(error),
}))
process.stdout.write(`${(await answer.text()).slice(0, 1_000)}\n`)
process.exitCode = answer.ok ? 0 : 1
