import { existsSync, readFileSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProgram } from '../../src/machine/host-program.ts'
import { staticBusybox } from '../../src/machine/toolbox.ts'
import { sshCommand } from '../../src/shell/ssh-command.ts'
import { dial } from '../api/terminal/client.ts'
import { missingClients, run, skipped } from '../shell/rig.ts'
import { targetOf } from './client.ts'
import { LIMIT_MS, type Market, openMarket, until } from './market.ts'
import type { MarketNode } from './node.ts'
import { stopLease } from './story.ts'

const missing = [
  ...['unshare', 'nsenter', 'setpriv'].filter((name) => findProgram(name) === undefined),
  ...(staticBusybox() === undefined ? ['busybox-static'] : []),
  ...missingClients,
]
const unable = skipped || (missing.length > 0 && !process.env['CI'])

/** The node's API as it says itself, with its token. */
const apiOf = ({ dataDir }: MarketNode) => ({
  url: (JSON.parse(readFileSync(join(dataDir, 'api.json'), 'utf8')) as { url: string }).url,
  token: readFileSync(join(dataDir, 'api-token'), 'utf8').trim(),
})

const terminal = async (node: MarketNode, leaseId: string) => {
  const { url, token } = apiOf(node)
  const client = await dial(url)
  client.say({ type: 'open', token, leaseId })
  const shows = (text: string) =>
    until(
      async () => client.output().includes(text),
      () => `${text} in ${client.output()} ${JSON.stringify(client.told)}`,
    )
  return { ...client, shows }
}

const keyKept = async ({ api }: MarketNode, leaseId: string): Promise<boolean> => {
  const asked = await api.request<{ lease: { keyKept: boolean } }>(`{ lease(leaseId: "${leaseId}") { keyKept } }`)
  return asked.lease.keyKept
}

describe.skipIf(unable)(
  `a terminal in a leased machine ${missing.map((name) => `(no ${name})`)}`,
  { timeout: 2 * LIMIT_MS },
  () => {
    let market: Market
    let leaseId: string
    const keyFile = (id = leaseId) => join(market.publisher.dataDir, 'keys', id)
    beforeAll(async () => {
      market = await openMarket({ machines: 'namespace' })
      leaseId = await market.rent({ authorizedKeys: null, keepKey: true })
    }, 2 * LIMIT_MS)
    afterAll(() => market?.close(), 2 * LIMIT_MS)

    it('opens with the key that the node keeps, which nobody else can read', async () => {
      expect(await keyKept(market.publisher, leaseId)).toBe(true)
      expect(statSync(keyFile()).mode & 0o777).toBe(0o600)
      const client = await terminal(market.publisher, leaseId)
      client.type('echo in; id -u; test -t 0 && echo terminal; exit 5\r')
      expect(await client.closed).toBe(1000)
      expect(client.told).toEqual([{ type: 'opened' }, { type: 'exit', code: 5 }])
      expect(client.output()).toMatch(/in\r\n0\r\nterminal\r\n/)
    })

    it('is of the same key as the ssh of the command line', async () => {
      const target = { ...(await targetOf(market, leaseId)), identityFile: keyFile() }
      expect((await run(sshCommand(target, ['exit 6']))).code).toBe(6)
    })

    it('is there again after the publisher restarted, also when the file was lost', async () => {
      await market.publisher.stop()
      await rm(keyFile())
      await market.publisher.start()
      await until(
        () => keyKept(market.publisher, leaseId),
        () => 'a key',
      )
      const client = await until(
        async () => {
          const one = await terminal(market.publisher, leaseId)
          one.type('echo aga""in\r')
          await until(
            async () => one.told.length > 0,
            () => 'a word',
          )
          return one.told[0]?.type === 'opened' && one
        },
        () => 'a session with the provider',
      )
      await client.shows('again\r\n')
      client.socket.close()
    })

    it('is not the provider’s to open, nor without a key, nor for a lease that is not there', async () => {
      const own = await market.rent()
      expect(await keyKept(market.publisher, own)).toBe(false)
      const refusedBy = async (node: MarketNode, id: string) => {
        const { closed, told } = await terminal(node, id)
        expect(await closed).toBe(4000)
        return told[0]?.['code']
      }
      expect(await refusedBy(market.publisher, own)).toBe('terminal.no-key')
      expect(await refusedBy(market.provider, leaseId)).toBe('state-conflict')
      expect(await refusedBy(market.publisher, '0'.repeat(32))).toBe('not-found')
      await stopLease(market.publisher, own)
    })

    it('ends with its lease, and the key is dropped', async () => {
      const client = await terminal(market.publisher, leaseId)
      client.type('echo be""gin\r')
      await client.shows('begin\r\n')
      await stopLease(market.publisher, leaseId)
      expect(await client.closed).toBe(1000)
      await market.when(market.publisher, leaseId, ({ stage }) => stage === 'SETTLED')
      await until(
        async () => !existsSync(keyFile()),
        () => 'the key is still there',
      )
      const { closed, told } = await terminal(market.publisher, leaseId)
      expect([await closed, told[0]?.['code']]).toEqual([4000, 'state-conflict'])
    })
  },
)
