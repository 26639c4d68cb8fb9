import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../../../domain/bytes.ts'
import { checkTransaction } from '../../../domain/chain/check-transaction.ts'
import { decodeTransaction } from '../../../domain/chain/codec.ts'
import { outPointKey, type TxOutput } from '../../../domain/chain/transaction.ts'
import { verifyInput } from '../../../domain/chain/verify-input.ts'
import { nativeCurve } from '../../../src/curve/native.ts'
import { assemble, rulesOf } from './core-script.ts'

type Row = [prevouts: [string, number, string, number?][], transaction: string, flags: string]

const rowsOf = (name: string): Row[] =>
  readFileSync(`test/vectors/bitcoin-core/${name}.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown[])
    .filter((row) => row.length > 1) as Row[]

/** Why the transaction is refused: by its form, or by the first script that says no. */
const refusal = ([prevouts, hex, flags]: Row): string | undefined => {
  const tx = decodeTransaction(fromHex(hex))
  const reject = checkTransaction(tx)
  if (reject !== undefined) return reject
  const spentAt = new Map<string, TxOutput>(
    prevouts.map(([txid, index, script, sats = 0]) => [
      outPointKey({ txid, vout: index >>> 0 }),
      { value: BigInt(sats), script: assemble(script) },
    ]),
  )
  const spent = tx.inputs.map((input) => spentAt.get(outPointKey(input)) as TxOutput)
  const cache = {}
  for (const index of tx.inputs.keys()) {
    const error = verifyInput(tx, index, spent, nativeCurve, { rules: rulesOf(flags), cache })
    if (error !== undefined) return error
  }
  return undefined
}

describe("Bitcoin Core's whole transactions", () => {
  it('tx_valid.json: all 120 may spend', () => {
    const rows = rowsOf('tx-valid')
    expect(rows.length).toBe(120)
    expect(rows.flatMap((row) => refusal(row) ?? [])).toEqual([])
  })

  it('tx_invalid.json: none of the 92 may', () => {
    const rows = rowsOf('tx-invalid')
    expect(rows.length).toBe(92)
    expect(rows.filter((row) => refusal(row) === undefined)).toEqual([])
    expect(Object.fromEntries(countOf(rows.map(refusal)))).toEqual({
      CHECKMULTISIGVERIFY: 2,
      CHECKSIGVERIFY: 7,
      CLEANSTACK: 1,
      DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM: 2,
      EVAL_FALSE: 6,
      INVALID_STACK_OPERATION: 6,
      NEGATIVE_LOCKTIME: 5,
      OP_CODESEPARATOR: 7,
      PUSH_SIZE: 1,
      SCRIPTNUM: 2,
      SIG_DER: 1,
      SIG_FINDANDDELETE: 5,
      SIG_NULLDUMMY: 3,
      UNBALANCED_CONDITIONAL: 1,
      UNSATISFIED_LOCKTIME: 28,
      VERIFY: 1,
      WITNESS_MALLEATED: 1,
      WITNESS_PROGRAM_WRONG_LENGTH: 2,
      'bad-cb-length': 2,
      'bad-txns-inputs-duplicate': 1,
      'bad-txns-prevout-null': 2,
      'bad-txns-txouttotal-toolarge': 1,
      'bad-txns-vout-empty': 3,
      'bad-txns-vout-negative': 1,
      'bad-txns-vout-toolarge': 1,
    })
  })
})

const countOf = (codes: (string | undefined)[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const code of codes) counts.set(`${code}`, (counts.get(`${code}`) ?? 0) + 1)
  return counts
}
