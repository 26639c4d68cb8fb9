import type { ChainFact } from '../../domain/chain/facts.ts'
import { INDEX_STREAM } from '../../domain/chain/index-facts.ts'
import type { MempoolFact } from '../../domain/chain/mempool-facts.ts'
import type { TestNode } from '../api/node.ts'
import { channelFacts } from '../domain/channel/sample.ts'

/** Numbers as hashes and ids. */
export const hashOf = (i: number): string => i.toString(16).padStart(64, '0')

/** Of a P2WPKH output of no key in particular. */
export const ADDRESS = 'xcd1qfhakjq0qrh0sclswucjwwgk4nx2aclzev8uzdm'

export const block = (height: number, txids: readonly string[]): ChainFact => ({
  type: 'chain.connected',
  at: 1_000 * height,
  height,
  hash: hashOf(height),
  previous: hashOf(height - 1),
  time: 1_700_000_000 + 600 * height,
  transactions: txids.map((txid, i) => ({
    txid,
    coinbase: i === 0,
    outputSats: 5_000n,
    inputs: 1,
    outputs: 1,
    virtualSize: 150,
    weight: 600,
    ...(i === 0 ? {} : { fee: BigInt(150 * (1 + (height % 7))) }),
  })),
  totals: { transactions: txids.length, sizeBytes: 400, weight: 1_600, subsidySats: 5_000n, feeSats: 150n },
})

export const waiting = (txid: string, fee = 900n): MempoolFact => ({
  type: 'mempool.entered',
  at: 1,
  transaction: { txid, virtualSize: 150, inputs: 1, outputs: 1, outputSats: 7_000n, fee, depends: [] },
})

/** A channel of `leaseId` that `funding` funded and `closing` closed. */
export const channelOf = (node: TestNode, leaseId: string, funding: string, closing: string): Promise<number> => {
  const facts = channelFacts()
  return node.append(
    `channel-${leaseId}`,
    facts['channel.proposed'],
    { ...facts['channel.funded'], txid: funding } as never,
    { ...facts['channel.closing'], txid: closing } as never,
    { ...facts['channel.closed'], txid: closing } as never,
  )
}

/** A block in which `ADDRESS` was paid. */
export const paid = (node: TestNode, txid: string, height: number): Promise<number> =>
  node.append(INDEX_STREAM, {
    type: 'index.connected',
    at: 1,
    height,
    hash: hashOf(height),
    previous: hashOf(height - 1),
    time: 1_700_000_000,
    transactions: [{ txid, index: 0, coinbase: true, first: 0, made: [[700n, ADDRESS]], spent: [], again: [] }],
  } as never)
