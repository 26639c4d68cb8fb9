import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeAddress } from '../../domain/chain/address.ts'
import { type Network, networkNamed } from '../../domain/chain/network.ts'
import { p2wpkh } from '../../domain/chain/script.ts'
import { startBitcoind } from '../bitcoind/bitcoind.ts'
import { type Daemon, freePort, startDaemon } from './daemon.ts'

export type Output = { readonly sats: bigint; readonly script: string }

/** A node of the chain in a process of its own, asked over its JSON-RPC. Its blocks are made on demand. */
export type Chain = {
  readonly network: Network
  readonly url: string
  readonly cookie: string
  daemon(): Daemon
  rpc<T>(method: string, ...params: unknown[]): Promise<T>
  mine(blocks: number, address?: string): Promise<void>
  /** Makes a block when a transaction waits for one. */
  mineWaiting(): Promise<void>
  outputsOf(txid: string): Promise<readonly Output[]>
  /** How many inputs a transaction has. */
  inputsOf(txid: string): Promise<number>
  kill(): Promise<void>
  start(): Promise<void>
}

type RawTransaction = { vin: unknown[]; vout: { value: number; scriptPubKey: { hex: string } }[] }

/** Which program keeps the chain: ours on `xencoin-dev`, or a real bitcoind on `regtest`. */
export type ChainProgram = 'xencoind' | 'bitcoind'

/** @param flags more of ours: it may listen for peers, or be on a closed network */
export const startChain = async (
  home: string,
  program: ChainProgram = 'xencoind',
  flags: readonly string[] = [],
): Promise<Chain> => {
  const network = networkNamed(program === 'bitcoind' ? 'regtest' : 'xencoin-dev')
  // Blocks pay to nobody who takes part, so that every coin in a wallet is accounted for.
  const outside = encodeAddress(network, p2wpkh(new Uint8Array(20)))
  const port = await freePort()
  const start = () => (program === 'bitcoind' ? startBitcoind(home, port) : startXencoind(home, port, flags))
  const { cookie, url, daemon: first } = await start()
  let daemon = first
  const rawOf = async (txid: string): Promise<RawTransaction> => {
    // In the block that has it: a bitcoind without an index of transactions has to be told which that is.
    let hash = await chain.rpc<string>('getbestblockhash')
    for (;;) {
      const block = await chain.rpc<{ tx: string[]; previousblockhash?: string }>('getblock', hash, 1)
      if (block.tx.includes(txid)) break
      if (block.previousblockhash === undefined) throw new Error(`no block has transaction ${txid}`)
      hash = block.previousblockhash
    }
    return await chain.rpc<RawTransaction>('getrawtransaction', txid, 1, hash)
  }
  const chain: Chain = {
    network,
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
    async mine(blocks, address = outside) {
      await chain.rpc('generatetoaddress', blocks, address)
    },
    async mineWaiting() {
      if ((await chain.rpc<string[]>('getrawmempool')).length > 0) await chain.mine(1)
    },
    outputsOf: async (txid) =>
      (await rawOf(txid)).vout.map(({ value, scriptPubKey }) => ({
        sats: BigInt(Math.round(value * 1e8)),
        script: scriptPubKey.hex,
      })),
    inputsOf: async (txid) => (await rawOf(txid)).vin.length,
    kill: () => daemon.kill(),
    async start() {
      daemon = (await start()).daemon
    },
  }
  return chain
}

const startXencoind = async (home: string, port: number, flags: readonly string[]) => {
  const dataDir = join(home, 'chain')
  const daemon = startDaemon({
    script: 'src/cli/xencoind.ts',
    args: ['--data-dir', dataDir, '--rpc-port', String(port), ...flags],
    home,
  })
  await daemon.line(/^tip /)
  return { daemon, cookie: join(dataDir, '.cookie'), url: `http://127.0.0.1:${port}/` }
}
