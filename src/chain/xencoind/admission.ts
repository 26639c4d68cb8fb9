import { checkTransaction, isCoinbase } from '../../../domain/chain/check-transaction.ts'
import { transactionId, transactionWeight, virtualSize, witnessId } from '../../../domain/chain/codec.ts'
import type { Coin } from '../../../domain/chain/coin.ts'
import { checkScripts, checkSpend } from '../../../domain/chain/connect.ts'
import { isFinal } from '../../../domain/chain/locktime.ts'
import { CONSENSUS_RULES, STANDARD_RULES } from '../../../domain/chain/script-rules.ts'
import { sigopsCost } from '../../../domain/chain/sigops.ts'
import { type OutPoint, outPointKey, type Transaction } from '../../../domain/chain/transaction.ts'
import { medianTimesOf } from './activate.ts'
import type { Chain } from './chain.ts'
import type { ChainParts } from './chain-parts.ts'
import { minRelayFee, nonStandard } from './policy.ts'
import type { Pool, PoolEntry } from './pool.ts'
import { nonStandardInputs } from './standard-inputs.ts'

/** Unconfirmed transactions in a row, the new one among them. */
export const MAX_ANCESTORS = 25
export const MAX_DESCENDANTS = 25
/** Virtual bytes of either family, the new one among them. */
export const MAX_FAMILY_VBYTES = 101_000
/** A fifth of what a block may hold. */
export const MAX_STANDARD_SIGOPS_COST = 16_000
/** Virtual bytes that one signature operation counts for at least: sigops cannot be had for less than the room they take. */
export const VBYTES_PER_SIGOP = 5
/** The whole mempool. About 20 full blocks; some hundred MB of memory. */
export const MAX_POOL_VBYTES = 20_000_000

/** `reject` is Core's reason, `why` what Core appends to it for people. */
export type Refusal = { readonly reject: string; readonly why?: string }
export type Verdict = Omit<PoolEntry, 'seq'> | Refusal

/** Reason and details as Core puts them into one line. */
export const detailsOf = ({ reject, why }: Refusal): string => (why === undefined ? reject : `${reject}, ${why}`)

/** Which transactions the mempool takes: Core's checks in Core's order, with Core's words for a refusal. */
export interface Admission {
  /** @param returning it was in a block or in this mempool before: what only keeps the mempool small is not asked again */
  check(tx: Transaction, options?: { returning?: boolean }): Verdict
  /** Why an entry can no longer stay after the chain went back; undefined when it can. */
  recheck(entry: PoolEntry): string | undefined
}

export type AdmissionParts = ChainParts & { readonly pool: Pool; readonly chain: Chain }

export const newAdmission = (parts: AdmissionParts): Admission => {
  const { store, network, curve, clock, pool, chain, scripts } = parts
  const coinAt = (point: OutPoint, nextHeight: number): Coin | undefined => {
    const waiting = pool.output(point)
    if (waiting !== undefined) return { ...waiting, height: nextHeight, coinbase: false }
    return store.coins.get(outPointKey(point))
  }

  /** What the chain says: inputs, locks, amounts. */
  const checkInChain = (tx: Transaction): { coins: Coin[]; fee: bigint } | { reject: string } => {
    const tip = chain.tip()
    const height = tip.height + 1
    const medianTimeAt = medianTimesOf(store, tip)
    if (!isFinal(tx, height, medianTimeAt(tip.height))) return { reject: 'non-final' }
    const coins: Coin[] = []
    for (const input of tx.inputs) {
      const coin = coinAt(input, height)
      if (coin === undefined) return { reject: 'bad-txns-inputs-missingorspent' }
      coins.push(coin)
    }
    const checked = checkSpend(tx, coins, { network, height, medianTimeAt })
    if ('fee' in checked) return { coins, fee: checked.fee }
    return { reject: checked.reject === 'bad-txns-nonfinal' ? 'non-BIP68-final' : checked.reject }
  }

  const familyTooBig = (entry: Omit<PoolEntry, 'seq'>): boolean => {
    const ancestors = pool.ancestors(entry)
    if (ancestors.size + 1 > MAX_ANCESTORS || vsizeOf(ancestors) + entry.vsize > MAX_FAMILY_VBYTES) return true
    for (const ancestor of ancestors.values()) {
      const family = pool.descendants(ancestor)
      if (family.size + 2 > MAX_DESCENDANTS) return true
      if (vsizeOf(family) + ancestor.vsize + entry.vsize > MAX_FAMILY_VBYTES) return true
    }
    return false
  }

  const scriptReject = (tx: Transaction, coins: readonly Coin[]): string | undefined => {
    if (scripts.has(tx)) return undefined
    const error = checkScripts(tx, coins, curve, STANDARD_RULES)
    if (error === undefined) {
      scripts.add(tx)
      return undefined
    }
    const byLaw = checkScripts(tx, coins, curve, CONSENSUS_RULES)
    return byLaw === undefined
      ? `non-mandatory-script-verify-flag (${error})`
      : `mandatory-script-verify-flag-failed (${byLaw})`
  }

  return {
    check: (tx, { returning = false } = {}) => {
      const txid = transactionId(tx)
      const early = checkTransaction(tx) ?? (isCoinbase(tx) ? 'coinbase' : nonStandard(tx))
      if (early !== undefined) return { reject: early }
      if (pool.get(txid) !== undefined) return { reject: 'txn-already-in-mempool' }
      if (tx.inputs.some((input) => pool.spender(input) !== undefined)) return { reject: 'txn-mempool-conflict' }
      if (store.active.heightOf(txid) !== undefined) return { reject: 'txn-already-known' }
      const inChain = checkInChain(tx)
      if ('reject' in inChain) return inChain
      const { coins, fee } = inChain
      const inputs = nonStandardInputs(tx, coins)
      if (inputs !== undefined) return { reject: inputs }
      const sigops = sigopsCost(tx, coins)
      if (sigops > MAX_STANDARD_SIGOPS_COST) return { reject: 'bad-txns-too-many-sigops' }
      const vsize = Math.max(virtualSize(tx), sigops * VBYTES_PER_SIGOP)
      const weight = transactionWeight(tx)
      const entry = {
        tx,
        txid,
        wtxid: witnessId(tx),
        fee,
        vsize,
        weight,
        sigops,
        enteredAt: clock.now(),
        height: chain.tip().height,
      }
      if (!returning && fee < minRelayFee(vsize))
        return { reject: 'min relay fee not met', why: `${fee} < ${minRelayFee(vsize)}` }
      if (!returning && familyTooBig(entry)) return { reject: 'too-long-mempool-chain' }
      if (!returning && pool.totalVsize + vsize > MAX_POOL_VBYTES) return { reject: 'mempool full' }
      const script = scriptReject(tx, coins)
      return script === undefined ? entry : { reject: script }
    },
    recheck: ({ tx }) => {
      const inChain = checkInChain(tx)
      return 'reject' in inChain ? inChain.reject : undefined
    },
  }
}

const vsizeOf = (entries: ReadonlyMap<string, PoolEntry>): number => {
  let sum = 0
  for (const { vsize } of entries.values()) sum += vsize
  return sum
}
