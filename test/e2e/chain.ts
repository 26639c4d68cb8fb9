import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeAddress } from '../../domain/chain/address.ts'
import { networkNamed } from '../../domain/chain/network.ts'
import { p2wpkh } from '../../domain/chain/script.ts'
import { type Daemon, freePort, startDaemon } from './daemon.ts'

export type Output = { readonly sats: bigint; readonly script: string }

/** xencoind in a process of its own, asked over its JSON-RPC. Its blocks are made on demand. */
export type Chain = {
  readonly url: string
  readonly cookie: string
  daemon(): Daemon
  rpc<T>(method: string, ...params: unknown[]): Promise<T>
  mine(blocks: number, address?: string): Promise<void>
  /** Makes a block when a transaction waits for one. */
  mineWaiting(): Promise<void>
  outputsOf(txid: string): Promise<readonly Output[]>
  kill(): Promise<void>
  start(): Promise<void>
}

type RawTransaction = { vout: { value: number; scriptPubKey: { hex: string } }[] }

/** Blocks pay to nobody who takes part, so that every coin in a wallet is accounted for. */
const OUTSIDE = encodeAddress(networkNamed('xencoin-dev'), p2wpkh(new Uint8Array(20)))

export const startChain = async (home: string): Promise<Chain> => {
  const dataDir = join(home, 'chain')
  const port = await freePort()
  const cookie = join(dataDir, '.cookie')
  const program = {
    script: 'src/cli/xencoind.ts',
    args: ['--data-dir', dataDir, '--rpc-port', String(port)],
    home,
  }
  let daemon = startDaemon(program)
  await daemon.line(/^tip /)
  const url = `http://127.0.0.1:${port}/`
  const chain: Chain = {
    url,
    cookie,
    daemon: () => daemon,
    async rpc<T>(method: string, ...params: unknown[]) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(readFileSync(cookie, 'utf8').trim()).toString('base64')}` },
        body: JSON.stringify({ id: 1, method, params }),
      })
      const answer = (await response.json()) as { result: T; error: { message: string } | null }
      if (answer.error) throw new Error(`${method}: ${answer.error.message}`)
      return answer.result
    },
    async mine(blocks, address = OUTSIDE) {
      await chain.rpc('generatetoaddress', blocks, address)
    },
    async mineWaiting() {
      if ((await chain.rpc<string[]>('getrawmempool')).length > 0) await chain.mine(1)
    },
    async outputsOf(txid) {
      const { vout } = await chain.rpc<RawTransaction>('getrawtransaction', txid, 1)
      return vout.map(({ value, scriptPubKey }) => ({
        sats: BigInt(Math.round(value * 1e8)),
        script: scriptPubKey.hex,
      }))
    },
    kill: () => daemon.kill(),
    async start() {
      daemon = startDaemon(program)
      await daemon.line(/^tip /)
    },
  }
  return chain
}
