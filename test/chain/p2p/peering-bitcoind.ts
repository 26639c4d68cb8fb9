import { onTestFinished } from 'vitest'
import { z } from 'zod'
import type { HostPort } from '../../../src/chain/p2p/port.ts'
import { type RpcClient, rpcClient } from '../../../src/chain/rpc/client.ts'
import { systemClock } from '../../../src/clock/system.ts'
import { startBitcoind } from '../../bitcoind/bitcoind.ts'
import { freePort } from '../../e2e/daemon.ts'
import { scratch, until } from './rig.ts'

/** A real bitcoind on regtest that others can call. */
export type PeeringBitcoind = {
  readonly at: HostPort
  readonly call: RpcClient
  tip(): Promise<string>
  height(): Promise<number>
  mempool(): Promise<string[]>
  log(): string
}

export const peeringBitcoind = async (options: { wallet?: boolean; settings?: readonly string[] } = {}) => {
  const port = await freePort()
  const node = await startBitcoind(await scratch(), undefined, {
    wallet: options.wallet ?? false,
    settings: ['-listen=1', `-bind=127.0.0.1:${port}`, '-debug=net', ...(options.settings ?? [])],
  })
  onTestFinished(() => void node.daemon.kill())
  const call = rpcClient({ url: node.url, auth: { cookieFile: node.cookie }, clock: systemClock })
  const bitcoind: PeeringBitcoind = {
    at: { host: '127.0.0.1', port },
    call,
    tip: () => call(z.string(), 'getbestblockhash'),
    height: () => call(z.number(), 'getblockcount'),
    mempool: () => call(z.array(z.string()), 'getrawmempool'),
    log: () => node.daemon.lines.slice(-40).join('\n'),
  }
  return bitcoind
}

export const peersOf = ({ call }: PeeringBitcoind) =>
  call(z.array(z.looseObject({ subver: z.string(), inbound: z.boolean() })), 'getpeerinfo')

/** Until the real one has the tip of this hash. */
export const untilTip = (bitcoind: PeeringBitcoind, hash: string) =>
  until(
    async () => (await bitcoind.tip()) === hash,
    async () => ({ tip: await bitcoind.tip(), log: bitcoind.log() }),
  )
