import { witnessId } from '../../../domain/chain/codec.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'

/** Transactions whose scripts are known to be good; the oldest is forgotten first. */
export const SCRIPT_CACHE_TRANSACTIONS = 50_000

/**
 * What the mempool checked is not checked again when its block connects. The wtxid covers each input's outpoint and witness,
 * and an outpoint's txid covers the output, so it covers all that scripts see; policy is stricter than law, so what passed it
 * keeps the law too.
 */
export interface ScriptCache {
  has(tx: Transaction): boolean
  add(tx: Transaction): void
}

export const newScriptCache = (): ScriptCache => {
  const good = new Set<string>()
  return {
    has: (tx) => good.has(witnessId(tx)),
    add: (tx) => {
      for (const oldest of good) {
        if (good.size < SCRIPT_CACHE_TRANSACTIONS) break
        good.delete(oldest)
      }
      good.add(witnessId(tx))
    },
  }
}
