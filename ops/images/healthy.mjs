// Ends with 0 when the program of this container does its work. A node answers on /readyz, the chain alone by its JSON-RPC.
import { existsSync, readFileSync } from 'node:fs'

/** A health check that takes longer has failed; Docker's own limit is above it. */
const LIMIT_MS = 8_000
const API = '/data/api.json'
const COOKIE = '/chain/.cookie'
const RPC = 'http://127.0.0.1:28554/'

const ask = (url, options = {}) => fetch(url, { ...options, signal: AbortSignal.timeout(LIMIT_MS) })

const node = async () => {
  const { url } = JSON.parse(readFileSync(API, 'utf8'))
  return await ask(`${url}/readyz`)
}

const chain = async () => {
  const authorization = `Basic ${Buffer.from(readFileSync(COOKIE, 'utf8').trim()).toString('base64')}`
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getblockchaininfo', params: [] })
  return await ask(RPC, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body })
}

const answer = await (existsSync(API) ? node() : chain()).catch((error) => ({ ok: false, text: () => String(error) }))
process.stdout.write(`${(await answer.text()).slice(0, 1_000)}\n`)
process.exitCode = answer.ok ? 0 : 1
