import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'vitest'
import { zennet } from '../cli/zennet.ts'
import { type Market, until } from './market.ts'

type Login = {
  readonly state: string
  readonly key: string
  readonly from: string
  readonly why: string | null
  readonly channels: { readonly exec: number; readonly sftp: number }
  readonly rxBytes: string
  readonly txBytes: string
}

/** What the provider's node tells of the client's logins to a lease's machine, newest first. */
const loginsOf = async ({ provider }: Market, leaseId: string, key: string): Promise<Login[]> => {
  const { lease } = await provider.api.request<{ lease: { logins: { edges: { node: Login }[] } } }>(
    `query ($leaseId: Hex!) { lease(leaseId: $leaseId) { logins(first: 100) { edges { node {
      state key from why channels { exec sftp } rxBytes txBytes } } } } }`,
    { leaseId },
  )
  return lease.logins.edges.map(({ node }) => node).filter((login) => login.key === key)
}

/** Who came with the client's key, with what, and how much went through: never what was said. */
export const expectLogins = async (market: Market, leaseId: string, secrets: readonly string[]): Promise<void> => {
  const blob = Buffer.from(market.identity.publicKey.split(' ')[1]!, 'base64')
  const key = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
  const logins = await until(
    async () => {
      const all = await loginsOf(market, leaseId, key)
      return all.length >= 2 && all.every(({ state }) => state === 'CLOSED') && all
    },
    async () => JSON.stringify(await loginsOf(market, leaseId, key)),
  )
  expect(logins.every(({ why, from }) => why === 'CLIENT' && from === 'tunnel')).toBe(true)
  expect(logins.at(-1)).toMatchObject({ channels: { exec: 1, sftp: 0 } })
  expect(logins.some(({ channels, rxBytes }) => channels.sftp + channels.exec > 0 && BigInt(rxBytes) > 100_000n)).toBe(
    true,
  )
  const { dataDir } = market.provider
  const args = ['lease', 'logins', leaseId, '--limit', '100', '--data-dir', dataDir]
  const home = join(market.folder, 'looker')
  const [table, json] = await Promise.all([zennet(args, { home }), zennet([...args, '-o', 'jsonl'], { home })])
  expect({ code: table.code, json: json.code }, table.stderr).toEqual({ code: 0, json: 0 })
  expect(table.stdout).toContain(key)
  const told = json.stdout.trim().split('\n')
  expect(told.map((line) => JSON.parse(line).key).filter((it) => it === key)).toHaveLength(logins.length)
  for (const secret of secrets) expect(table.stdout + json.stdout).not.toContain(secret)
}
