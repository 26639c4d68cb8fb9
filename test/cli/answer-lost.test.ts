import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Fault } from '../../domain/fault.ts'
import { announce } from '../../src/cli/rent/announce.ts'
import { TOKEN } from '../api/node.ts'
import { zennet } from './zennet.ts'

const timeout = 240_000
const txid = '7'.repeat(64)

/** Loses so many answers before it gives one. */
const renting = (code: string, losses: number) => {
  const keys: unknown[] = []
  const request = async (_: string, variables: { input?: { idempotencyKey?: unknown } } = {}) => {
    keys.push(variables.input?.idempotencyKey)
    if (keys.length <= losses) throw new Fault(code, 'lost')
    return { rent: { __typename: 'AnnouncementPosted', txid } }
  }
  const client = { request, lookUp: request, isShowing: false, subscribe: () => expect.unreachable() }
  const place = { client, dataDir: '', isOwn: false, close: async () => {} } as unknown as Parameters<
    typeof announce
  >[0]
  const progress = { show: () => {}, clear: () => {} } as unknown as Parameters<typeof announce>[3]
  const asked = announce(place, { yes: true }, 'ssh-ed25519 AAAA', progress, new AbortController().signal)
  return { asked, keys }
}

it('an announcement whose answer was lost is asked for again, by the same key', async () => {
  for (const code of ['api.timeout', 'api.deadline', 'api.unreachable']) {
    const { asked, keys } = renting(code, 2)
    expect(await asked).toBe(txid)
    expect(keys).toHaveLength(3)
    expect(new Set(keys).size).toBe(1)
  }
  const { asked, keys } = renting('api.bad-input', 1)
  await expect(asked).rejects.toThrow('lost')
  expect(keys).toHaveLength(1)
})

it('says by which key a payment whose answer was lost is repeated', { timeout }, async () => {
  const home = mkdtempSync(join(tmpdir(), 'zennet-lost-'))
  const server = createServer((request) => request.socket.destroy()).listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const send = (...more: string[]) =>
    zennet(['wallet', 'send', 'xcd1address', '5000', '--url', url, '--token', TOKEN, '--yes', ...more], { home })
  try {
    expect((await send()).stderr).toMatch(/Repeat it with --key [0-9a-f-]{36}: then it is paid once\./)
    const { code, stderr } = await send('--key', 'mine')
    expect(code).toBe(5)
    expect(stderr).toContain('Repeat it with --key mine:')
  } finally {
    server.close()
    rmSync(home, { recursive: true, force: true })
  }
})
