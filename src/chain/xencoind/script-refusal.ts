import { transactionId, witnessId } from '../../../domain/chain/codec.ts'
import type { Coin } from '../../../domain/chain/coin.ts'
import type { Curve } from '../../../domain/chain/curve.ts'
import { STANDARD_RULES } from '../../../domain/chain/script-rules.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'
import { verifyInput } from '../../../domain/chain/verify-input.ts'
import type { Refusal } from './refusal.ts'
import type { ScriptCache } from './script-cache.ts'
import { scriptSentence } from './script-reason.ts'

/** Runs every script of `tx`, unless they were found good before. */
export const scriptRefusal = (
  { scripts, curve }: { scripts: ScriptCache; curve: Curve },
  tx: Transaction,
  coins: readonly Coin[],
): Refusal | undefined => {
  if (scripts.has(tx)) return undefined
  const cache = {}
  for (const [index, { txid, vout }] of tx.inputs.entries()) {
    const error = verifyInput(tx, index, coins, curve, { rules: STANDARD_RULES, cache })
    if (error === undefined) continue
    const where = `input ${index} of ${transactionId(tx)} (wtxid ${witnessId(tx)}), spending ${txid}:${vout}`
    return { reject: `mempool-script-verify-flag-failed (${scriptSentence(error)})`, why: where }
  }
  scripts.add(tx)
  return undefined
}
