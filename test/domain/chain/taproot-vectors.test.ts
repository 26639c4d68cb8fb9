import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../../../domain/bytes.ts'
import { decodeTransaction, readOutput } from '../../../domain/chain/codec.ts'
import { Reader } from '../../../domain/chain/reader.ts'
import { CONSENSUS_RULES } from '../../../domain/chain/script-rules.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'
import { verifyInput } from '../../../domain/chain/verify-input.ts'
import { nativeCurve } from '../../../src/curve/native.ts'
import { rulesOf } from './core-script.ts'

/** How the input at `index` is signed. */
type Spend = { scriptSig: string; witness: string[] }
type Row = {
  tx: string
  prevouts: string[]
  index: number
  flags: string
  success?: Spend
  failure?: Spend
  /** The flags are all that the law has: what is right with them is right now. */
  final?: boolean
  comment: string
}

/** Bitcoin Core's generated corpus (qa-assets, script_assets_test.json), as npm's bitcore-lib ships it. */
const rows = createRequire(import.meta.url)('bitcore-lib/test/data/bitcoind/script_assets_test.json') as Row[]

const signed = (tx: Transaction, index: number, { scriptSig, witness }: Spend): Transaction => ({
  ...tx,
  inputs: tx.inputs.map((input, i) =>
    i === index ? { ...input, scriptSig: fromHex(scriptSig), witness: witness.map(fromHex) } : input,
  ),
})

const verify = (row: Row, spend: Spend, rules = rulesOf(row.flags)) => {
  const tx = signed(decodeTransaction(fromHex(row.tx)), row.index, spend)
  const spent = row.prevouts.map((hex) => readOutput(new Reader(fromHex(hex))))
  return verifyInput(tx, row.index, spent, nativeCurve, { rules })
}

describe('script_assets_test.json', () => {
  it('all 2,243 right spends pass', () => {
    const right = rows.flatMap((row) => (row.success === undefined ? [] : [{ row, spend: row.success }]))
    expect(right.length).toBe(2243)
    const wrong = right.filter(({ row, spend }) => {
      if (verify(row, spend) !== undefined) return true
      return row.final === true && verify(row, spend, CONSENSUS_RULES) !== undefined
    })
    expect(wrong.map(({ row }) => row.comment)).toEqual([])
  })

  it('all 1,492 wrong ones are refused', () => {
    const wrong = rows.flatMap((row) => (row.failure === undefined ? [] : [{ row, spend: row.failure }]))
    expect(wrong.length).toBe(1492)
    expect(wrong.filter(({ row, spend }) => verify(row, spend) === undefined).map(({ row }) => row.comment)).toEqual([])
  })
})
