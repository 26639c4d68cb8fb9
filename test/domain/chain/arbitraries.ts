import fc from 'fast-check'
import { toHex } from '../../../domain/bytes.ts'
import type { Block, BlockHeader } from '../../../domain/chain/block.ts'
import type { Transaction, TxInput, TxOutput } from '../../../domain/chain/transaction.ts'

const u32 = fc.integer({ min: 0, max: 0xffffffff })
export const bytesOf = (size: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: size, maxLength: size })
export const displayHash = bytesOf(32).map(toHex)
const script = fc.uint8Array({ maxLength: 300 })
const i64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })

export const txInput: fc.Arbitrary<TxInput> = fc.record({
  txid: displayHash,
  vout: u32,
  scriptSig: script,
  sequence: u32,
  witness: fc.array(script, { maxLength: 4 }),
})

export const txOutput: fc.Arbitrary<TxOutput> = fc.record({ value: i64, script })

/** At least one input: without, the wire form is ambiguous. */
export const transaction: fc.Arbitrary<Transaction> = fc.record({
  version: u32,
  inputs: fc.array(txInput, { minLength: 1, maxLength: 5 }),
  outputs: fc.array(txOutput, { maxLength: 5 }),
  lockTime: u32,
})

export const header: fc.Arbitrary<BlockHeader> = fc.record({
  version: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
  previous: displayHash,
  merkleRoot: displayHash,
  time: u32,
  bits: u32,
  nonce: u32,
})

export const block: fc.Arbitrary<Block> = fc.record({
  header,
  transactions: fc.array(transaction, { maxLength: 4 }),
})
