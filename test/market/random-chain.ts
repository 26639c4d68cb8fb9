import fc from 'fast-check'
import { encodeRecord } from '../../domain/announcement/record.ts'
import { fromHex } from '../../domain/bytes.ts'
import type { Block } from '../../domain/chain/block.ts'
import { headerHash, transactionId } from '../../domain/chain/codec.ts'
import type { Coin } from '../../domain/chain/coin.ts'
import { hash160 } from '../../domain/chain/hash.ts'
import { nullData, p2wpkh } from '../../domain/chain/script.ts'
import { type OutPoint, outPointKey, type Transaction, type TxOutput } from '../../domain/chain/transaction.ts'

/** 33 bytes that pass for a public key: nothing here is signed. */
const AUTHOR = fromHex(`02${'11'.repeat(32)}`)
const OURS = p2wpkh(hash160(fromHex(`03${'22'.repeat(32)}`)))
const THEIRS = p2wpkh(hash160(fromHex(`03${'33'.repeat(32)}`)))
export const OUR_SCRIPT = OURS
/** Begins a witness: a signature, or nothing, which chooses the refund's branch of a channel. */
const SIGNED = Uint8Array.of(1)
const NONE = new Uint8Array()

let salt = 0
const tx = (
  from: readonly (OutPoint & { readonly witness?: readonly Uint8Array[] })[],
  outputs: readonly TxOutput[],
): Transaction => ({
  version: 2,
  inputs: from.map(({ txid, vout, witness = [SIGNED, AUTHOR] }) => ({
    txid,
    vout,
    scriptSig: new Uint8Array(),
    sequence: 0xfffffffd,
    witness,
  })),
  outputs,
  lockTime: salt++,
})
const at = (of: Transaction, vout: number): OutPoint => ({ txid: transactionId(of), vout })
const coinbase = (height: number, script: Uint8Array): Transaction => ({
  version: 2,
  inputs: [
    {
      txid: '0'.repeat(64),
      vout: 0xffffffff,
      scriptSig: Uint8Array.of(height & 255, height >> 8, salt++ & 255),
      sequence: 0xffffffff,
      witness: [],
    },
  ],
  outputs: [{ value: 5_000n, script }],
  lockTime: 0,
})

/** What is paid from in the first block: an output for each transaction that begins a family. */
const SOURCES = 24
const source = tx(
  [],
  Array.from({ length: SOURCES }, () => ({ value: 10_000n, script: THEIRS })),
)

export type Channel = {
  readonly leaseId: string
  readonly funding: Transaction
  readonly spend: Transaction
  readonly refunds: boolean
}
/** Transactions in an order in which a chain may have them, and the channels among them. */
export type Family = { readonly transactions: readonly Transaction[]; readonly channel?: Channel }

const announcing = (number: number, expiryHeight: number, endpoint: number): Family => {
  const record = {
    isolation: 'none',
    count: 1,
    cpuMillis: 1,
    memoryMiB: 1,
    diskGiB: 1,
    maxHourlyMsat: 1n,
    expiryHeight,
    host: '127.0.0.1',
    port: endpoint,
    bodyHash: new Uint8Array(32),
  } as const
  const announcement = tx(
    [at(source, number)],
    [
      { value: 0n, script: nullData(encodeRecord(record)) },
      { value: 1_000n, script: p2wpkh(hash160(AUTHOR)) },
      { value: 8_000n, script: OURS },
    ],
  )
  const withdrawal = tx([at(announcement, 1)], [{ value: 900n, script: OURS }])
  return { transactions: [announcement, withdrawal] }
}

const channelling = (number: number, refunds: boolean): Family => {
  const leaseId = number.toString(16).padStart(32, '0')
  const funding = tx([at(source, number)], [{ value: 9_000n, script: THEIRS }])
  const witness = refunds ? [SIGNED, NONE, SIGNED] : [SIGNED, SIGNED, SIGNED]
  const spend = tx([{ ...at(funding, 0), witness }], [{ value: 8_000n, script: refunds ? OURS : THEIRS }])
  return { transactions: [funding, spend], channel: { leaseId, funding, spend, refunds } }
}

const paying = (number: number): Family => {
  const payment = tx([at(source, number)], [{ value: 9_000n, script: OURS }])
  const spent = tx(
    [at(payment, 0)],
    [
      { value: 4_000n, script: THEIRS },
      { value: 4_500n, script: OURS },
    ],
  )
  const onward = tx([at(spent, 1), at(spent, 0)], [{ value: 8_000n, script: THEIRS }])
  return { transactions: [payment, spent, onward] }
}

const family = (number: number): fc.Arbitrary<Family> =>
  fc.oneof(
    fc
      .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 65_535 }))
      .map((it) => announcing(number, ...it)),
    fc.boolean().map((refunds) => channelling(number, refunds)),
    fc.constant(paying(number)),
  )

export type RandomBlock = {
  readonly height: number
  readonly hash: string
  readonly block: Block
  readonly spent: readonly (readonly Coin[])[]
  /** What the mempool told before it. */
  readonly entered: readonly Transaction[]
}

/** Where each transaction of a family goes: blocks after the one before (0: the same block), and whether the mempool had it first. */
const place = fc.record({ gap: fc.integer({ min: 0, max: 8 }), waits: fc.boolean() })

export type RandomChain = { readonly blocks: readonly RandomBlock[]; readonly channels: readonly Channel[] }

/** A chain of `length` blocks: announcements, channels and payments, some told by the mempool before their block. */
export const randomChain = (length: number): fc.Arbitrary<RandomChain> =>
  fc
    .tuple(
      ...Array.from({ length: 10 }, (_, number) =>
        fc.tuple(family(number), fc.array(place, { minLength: 3, maxLength: 3 })),
      ),
    )
    .map((families) => {
      const inBlocks: Transaction[][] = Array.from({ length }, () => [])
      const entered: Transaction[][] = Array.from({ length }, () => [])
      inBlocks[0]!.push(source)
      for (const [{ transactions }, places] of families) {
        let height = 1
        for (const [i, one] of transactions.entries()) {
          const { gap, waits } = places[i]!
          // Parents before children: also in the mempool, which has it one block before its own at the earliest.
          height += i === 0 ? gap * 2 : gap
          if (height >= length) break
          inBlocks[height]!.push(one)
          if (waits) entered[height]!.push(one)
        }
      }
      return { blocks: built(inBlocks, entered), channels: families.flatMap(([{ channel }]) => channel ?? []) }
    })

const built = (inBlocks: readonly Transaction[][], entered: readonly Transaction[][]): RandomBlock[] => {
  const coins = new Map<string, Coin>()
  let previous = '0'.repeat(64)
  return inBlocks.map((some, height) => {
    const transactions = [coinbase(height, height % 3 === 0 ? OURS : THEIRS), ...some]
    const spent = transactions.map((one, i) => {
      const found = i === 0 ? [] : one.inputs.map((input) => coins.get(outPointKey(input))!)
      for (const [vout, output] of one.outputs.entries())
        coins.set(outPointKey(at(one, vout)), { ...output, height, coinbase: i === 0 })
      return found
    })
    const header = { version: 1, previous, merkleRoot: '0'.repeat(64), time: height, bits: 0, nonce: height }
    const hash = headerHash(header)
    previous = hash
    return { height, hash, block: { header, transactions }, spent, entered: entered[height]! }
  })
}
