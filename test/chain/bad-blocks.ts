import type { Block } from '../../domain/chain/block.ts'
import { ZERO_HASH } from '../../domain/chain/display-hash.ts'
import { transactionsRoot } from '../../domain/chain/merkle.ts'
import { OP } from '../../domain/chain/opcode.ts'
import { compileScript, nullData } from '../../domain/chain/script.ts'
import type { Transaction, TxOutput } from '../../domain/chain/transaction.ts'
import { coinOf, key, type OwnCoin, pay, spend } from './coins.ts'

const alice = key(1)
const bob = key(2)

/** What a bad block is made of. */
export type BlockMaking = {
  /** Ripe coins of alice that nothing else spends. */
  readonly coin: OwnCoin
  readonly other: OwnCoin
  readonly young: OwnCoin
  readonly spent: OwnCoin
  readonly height: number
  readonly medianTime: number
  readonly nowS: number
}
export type BadBlock = {
  readonly what: string
  readonly transactions?: (making: BlockMaking) => readonly Transaction[]
  readonly fees?: bigint
  /** Done before the work is. */
  readonly change?: (block: Block, making: BlockMaking) => Block
  /** Done after it: the hash may not fit any more. */
  readonly after?: (block: Block) => Block
}

const header = (block: Block, more: Partial<Block['header']>): Block => ({
  ...block,
  header: { ...block.header, ...more },
})
/** Other transactions, under a root that fits. */
const holding = (block: Block, transactions: readonly Transaction[]): Block => ({
  header: { ...block.header, merkleRoot: transactionsRoot(transactions).root },
  transactions,
})
const withCoinbase = (block: Block, change: (coinbase: Transaction) => Transaction): Block =>
  holding(block, [change(block.transactions[0]!), ...block.transactions.slice(1)])
const scriptSig = (block: Block, script: Uint8Array): Block =>
  withCoinbase(block, (tx) => ({ ...tx, inputs: [{ ...tx.inputs[0]!, scriptSig: script }] }))
const witness = (block: Block, items: Uint8Array[]): Block =>
  withCoinbase(block, (tx) => ({ ...tx, inputs: [{ ...tx.inputs[0]!, witness: items }] }))
const adding = (block: Block, output: TxOutput): Block =>
  withCoinbase(block, (tx) => ({ ...tx, outputs: [...tx.outputs, output] }))
const bytes = (count: number) => new Uint8Array(count).fill(1)
const heightOf = (block: Block): Uint8Array => block.transactions[0]!.inputs[0]!.scriptSig

/** Blocks on the tip, each wrong in one way. */
export const BAD_BLOCKS: readonly BadBlock[] = [
  { what: 'a target that is not asked for', change: (block) => header(block, { bits: 0x207ffffe }) },
  {
    what: 'too easy a target',
    change: (block) => header(block, { bits: 0x207fffff }),
    after: (block) => header(block, { bits: 0x217fffff }),
  },
  { what: 'a negative target', after: (block) => header(block, { bits: 0x20ffffff }) },
  { what: 'a target of zero', after: (block) => header(block, { bits: 0 }) },
  { what: 'too little work', after: (block) => header(block, { bits: 0x1d00ffff }) },
  { what: 'the time of the median', change: (block, { medianTime }) => header(block, { time: medianTime }) },
  { what: 'a time hours ahead', change: (block, { nowS }) => header(block, { time: nowS + 7201 }) },
  { what: 'version 1', change: (block) => header(block, { version: 1 }) },
  { what: 'version 3', change: (block) => header(block, { version: 3 }) },
  { what: 'a parent that nobody knows', change: (block) => header(block, { previous: '77'.repeat(32) }) },
  { what: 'another root', change: (block) => header(block, { merkleRoot: '12'.repeat(32) }) },
  {
    what: 'its last transaction twice',
    transactions: ({ coin, other }) => [pay(coin, bob, 0n), pay(other, bob, 0n)],
    change: (block) => ({ ...block, transactions: [...block.transactions, block.transactions[2]!] }),
    after: (block) => block,
  },
  {
    what: 'the same transaction twice, under a root of its own',
    transactions: ({ coin }) => [pay(coin, bob, 0n)],
    change: (block) => holding(block, [...block.transactions, block.transactions[1]!]),
  },
  { what: 'two coinbases', change: (block) => holding(block, [block.transactions[0]!, block.transactions[0]!]) },
  {
    what: 'a coinbase that is not first',
    transactions: ({ coin }) => [pay(coin, bob, 0n)],
    change: (block) => holding(block, [...block.transactions].reverse()),
  },
  { what: 'no transaction', change: (block) => ({ ...block, transactions: [] }) },
  { what: 'one sat too many', fees: 1n },
  { what: 'another height', change: (block) => scriptSig(block, compileScript([1n, bytes(8)])) },
  { what: 'no height', change: (block) => scriptSig(block, compileScript([bytes(8)])) },
  { what: 'a short coinbase script', change: (block) => scriptSig(block, bytes(1)) },
  {
    what: 'a long coinbase script',
    change: (block) => scriptSig(block, Uint8Array.from([...heightOf(block), ...bytes(90)])),
  },
  { what: 'a coinbase without outputs', change: (block) => withCoinbase(block, (tx) => ({ ...tx, outputs: [] })) },
  {
    what: 'a coinbase of too much weight',
    change: (block) => adding(block, { value: 0n, script: nullData(bytes(999_990)) }),
  },
  {
    what: 'too much witness',
    transactions: ({ coin }) => {
      const tx = pay(coin, bob, 0n)
      return [{ ...tx, inputs: [{ ...tx.inputs[0]!, witness: [...tx.inputs[0]!.witness, bytes(3_999_500)] }] }]
    },
  },
  {
    what: 'too many signature operations',
    change: (block) => adding(block, { value: 0n, script: bytes(20_001).fill(OP.CHECKSIG) }),
  },
  { what: 'a coinbase witness of 31 bytes', change: (block) => witness(block, [bytes(31)]) },
  { what: 'two coinbase witnesses', change: (block) => witness(block, [bytes(32), bytes(32)]) },
  { what: 'another coinbase witness', change: (block) => witness(block, [bytes(32)]) },
  {
    what: 'a witness that is not committed to',
    transactions: ({ coin }) => [pay(coin, bob, 0n)],
    change: (block) => withCoinbase(block, (tx) => ({ ...tx, outputs: tx.outputs.slice(0, 1) })),
  },
  { what: 'a coin that never was', transactions: ({ coin }) => [pay({ ...coin, txid: '22'.repeat(32) }, bob, 0n)] },
  { what: 'a coin that was spent', transactions: ({ spent }) => [pay(spent, bob, 0n)] },
  { what: 'a coin twice', transactions: ({ coin }) => [pay(coin, bob, 0n), pay(coin, alice, 0n)] },
  {
    what: 'a child before its parent',
    transactions: ({ coin }) => {
      const parent = pay(coin, bob, 0n)
      return [pay(coinOf(parent, 0, bob), alice, 0n), parent]
    },
  },
  { what: 'a young coinbase', transactions: ({ young }) => [pay(young, bob, 0n)] },
  { what: 'more out than in', transactions: ({ coin }) => [pay(coin, bob, -1n)] },
  { what: 'a transaction without outputs', transactions: ({ coin }) => [spend({ from: [coin], to: [] })] },
  {
    what: 'a negative output',
    transactions: ({ coin }) => [spend({ from: [coin], to: [{ value: -1n, script: bob.script }] })],
  },
  {
    what: 'more than all coins',
    transactions: ({ coin }) => [spend({ from: [coin], to: [{ value: 2_100_000_000_000_001n, script: bob.script }] })],
  },
  {
    what: 'more than all coins together',
    transactions: ({ coin }) => [
      spend({ from: [coin], to: [1, 2].map(() => ({ value: 2_000_000_000_000_000n, script: bob.script })) }),
    ],
  },
  {
    what: 'an input twice',
    transactions: ({ coin }) => [spend({ from: [coin, coin], to: [{ value: 1000n, script: bob.script }] })],
  },
  {
    what: 'an input of nothing',
    transactions: ({ coin }) => {
      const tx = pay(coin, bob, 0n)
      const nothing = { txid: ZERO_HASH, vout: 0xffffffff, scriptSig: bytes(2), sequence: 0, witness: [] }
      return [{ ...tx, inputs: [...tx.inputs, nothing] }]
    },
  },
  {
    what: 'a transaction that is locked',
    transactions: ({ coin, height }) => [
      spend({ from: [coin], to: [{ value: coin.value, script: bob.script }], lockTime: height + 1 }),
    ],
  },
  {
    what: 'a relative lock that has not passed',
    transactions: ({ coin }) => [
      spend({ from: [coin], to: [{ value: coin.value, script: bob.script }], sequence: 5000 }),
    ],
  },
  {
    what: 'a signature of another',
    transactions: ({ coin }) => [pay({ ...coin, owner: { ...alice, secret: bob.secret } }, bob, 0n)],
  },
  {
    what: 'a signature of nobody',
    transactions: ({ coin }) => {
      const tx = pay(coin, bob, 0n)
      return [{ ...tx, inputs: [{ ...tx.inputs[0]!, witness: [] }] }]
    },
  },
]
