import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { toHex } from '../../domain/bytes.ts'
import type { Block } from '../../domain/chain/block.ts'
import { encodeBlock, encodeTransaction } from '../../domain/chain/codec.ts'
import { networkNamed } from '../../domain/chain/network.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import { openP2p } from '../../src/chain/p2p/p2p.ts'
import { hostPortText } from '../../src/chain/p2p/port.ts'
import { tcpTransport } from '../../src/chain/p2p/tcp.ts'
import { type RpcAuth, rpcClient } from '../../src/chain/rpc/client.ts'
import { basicAuth, readCookie } from '../../src/chain/rpc/cookie.ts'
import { serveRpc } from '../../src/chain/rpc-server.ts'
import { openXencoind } from '../../src/chain/xencoind/xencoind.ts'
import type { Clock } from '../../src/clock/port.ts'
import { systemClock } from '../../src/clock/system.ts'
import { systemRandom } from '../../src/random/system.ts'
import { startBitcoind } from '../bitcoind/bitcoind.ts'
import { curve } from './coins.ts'

/** What a node answered: numbers as they were written. */
export type Answer =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string } }
export type Ask = (method: string, params?: readonly unknown[] | Record<string, unknown>) => Promise<Answer>

/** Both nodes' wall clock: what they say about now must be the same. */
export const NOW_S = 1_790_000_000

/** A number in an answer, with its text: Core writes amounts with eight decimals. */
export class Written {
  readonly value: number
  readonly text: string
  constructor(value: number, text: string) {
    this.value = value
    this.text = text
  }
}
const keepText = (_: string, value: unknown, context?: { source?: string }) =>
  typeof value === 'number' ? new Written(value, context?.source ?? '') : value

const asking =
  (url: string, cookieFile: string): Ask =>
  async (method, params = []) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: basicAuth(readCookie(cookieFile)) },
      body: JSON.stringify({ id: 1, method, params }),
    })
    const text = await response.text()
    const answer = JSON.parse(text, keepText) as { result: unknown; error: { code: Written; message: string } | null }
    if (answer.error === null) return { result: answer.result }
    return { error: { code: answer.error.code.value, message: answer.error.message } }
  }

export type BothNodes = Awaited<ReturnType<typeof openBothNodes>>

/** `xencoind` and a real bitcoind on regtest, each on a fresh chain of its own, with one clock that stands still. */
export const openBothNodes = async () => {
  const home = await mkdtemp(join(tmpdir(), 'zennet-both-'))
  const clock: Clock = { ...systemClock, now: () => NOW_S * 1000 }
  const dataDir = join(home, 'xencoind')
  const node = await openXencoind({ dataDir, network: networkNamed('regtest'), curve, clock })
  const peers = await openP2p({
    node,
    dataDir,
    clock,
    random: systemRandom,
    log: { debug: () => {}, info: () => {}, warn: () => {} },
    transport: tcpTransport(),
    userAgent: '/zennet:test/',
    listen: { host: '127.0.0.1', port: 0 },
  })
  const server = await serveRpc({ node, peers, dataDir, port: 0 })
  const bitcoind = await startBitcoind(home, undefined, {
    settings: [
      '-txindex=1',
      '-permitbaremultisig=1',
      '-permitbarepubkey=1',
      '-acceptnonstddatacarrier=1',
      '-mempooltruc=enforce',
      // Knots alone keeps a part of each block for old coins.
      '-blockprioritysize=0',
      `-mocktime=${NOW_S}`,
    ],
  })
  const auth: RpcAuth = { cookieFile: bitcoind.cookie }
  const call = rpcClient({ url: bitcoind.url, auth, clock: systemClock })
  const ours = asking(server.url, server.cookieFile)
  const theirs = asking(bitcoind.url, bitcoind.cookie)
  return {
    node,
    /** Where others can call ours. */
    at: hostPortText(peers.listening!),
    ours,
    theirs,
    /** Makes blocks with ours and gives them to the other. */
    mine: async (count: number, script: Uint8Array): Promise<string[]> => {
      const hashes = await node.mine(count, script)
      for (const hash of hashes) {
        const { block } = (await node.block(hash))!
        const answer = await call(z.unknown(), 'submitblock', [toHex(encodeBlock(block))])
        if (answer !== null) throw new Error(`the real one does not take a block of ours: ${String(answer)}`)
      }
      return hashes
    },
    /** Gives a block to both. @returns what each said */
    submit: async (block: Block) => {
      const params = [toHex(encodeBlock(block))]
      return { ours: await ours('submitblock', params), theirs: await theirs('submitblock', params) }
    },
    /** Gives a transaction to both. @returns what each said */
    send: async (tx: Transaction) => {
      const params = [toHex(encodeTransaction(tx)), 0]
      return { ours: await ours('sendrawtransaction', params), theirs: await theirs('sendrawtransaction', params) }
    },
    /** Until the real one's index of transactions has what its chain has: it is made on the side. */
    indexed: async () => {
      const tip = await node.tip()
      const index = z.object({ txindex: z.object({ best_block_height: z.number() }) })
      for (;;) {
        const { txindex } = await call(index, 'getindexinfo')
        if (txindex.best_block_height >= tip.height) return
        await systemClock.sleep(10)
      }
    },
    close: async () => {
      await server.close()
      await peers.close()
      await node.close()
      await bitcoind.daemon.stop()
      await rm(home, { recursive: true })
    },
  }
}
