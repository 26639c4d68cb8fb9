import { checkTransaction, isCoinbase } from '../../../domain/chain/check-transaction.ts'
import { strippedSize, transactionId, transactionWeight, virtualSize, witnessId } from '../../../domain/chain/codec.ts'
import type { Coin } from '../../../domain/chain/coin.ts'
import { checkSpend } from '../../../domain/chain/connect.ts'
import { isFinal } from '../../../domain/chain/locktime.ts'
import { sequenceLocksPassed } from '../../../domain/chain/sequence-lock.ts'
import { sigopsCost } from '../../../domain/chain/sigops.ts'
import { type OutPoint, outPointKey, type Transaction } from '../../../domain/chain/transaction.ts'
import { medianTimesOf } from './activate.ts'
import type { Chain } from './chain.ts'
import type { ChainParts } from './chain-parts.ts'
import { familyTooBig } from './family-limits.ts'
import { dustLimit, MIN_STANDARD_STRIPPED_BYTES, minRelayFee, nonStandard } from './policy.ts'
import type { Pool, PoolEntry } from './pool.ts'
import type { Refusal } from './refusal.ts'
import { replacement } from './replacement.ts'
import type { RollingFee } from './rolling-fee.ts'
import { scriptRefusal } from './script-refusal.ts'
import { spendDetails } from './spend-details.ts'
import { nonStandardInputs } from './standard-inputs.ts'
import { trucViolation } from './truc.ts'

/** A fifth of what a block may hold. */
export const MAX_STANDARD_SIGOPS_COST = 16_000
/** Virtual bytes that one signature operation counts for at least: sigops cannot be had for less than the room they take. */
export const VBYTES_PER_SIGOP = 5

/** `replaces`: all that must leave for it. */
export type Admitted = { readonly entry: Omit<PoolEntry, 'seq'>; readonly replaces: readonly PoolEntry[] }
export type Verdict = Admitted | Refusal

/** Which transactions the mempool takes: Core's checks in Core's order, with Core's words for a refusal. */
export interface Admission {
  /** @param returning it was in a block or in this mempool before: what only keeps the mempool small is not asked again */
  check(tx: Transaction, options?: { returning?: boolean }): Verdict
  /** Why an entry can no longer stay after the chain went back; undefined when it can. */
  recheck(entry: PoolEntry): string | undefined
  /** What the mempool asks for at least now, in sats per 1000 virtual bytes; 0 while it is not full. */
  leastFeeRate(): bigint
}

export type AdmissionParts = ChainParts & {
  readonly pool: Pool
  readonly chain: Chain
  readonly rolling: RollingFee
  readonly maxPoolBytes: number
}

type Candidate = Omit<PoolEntry, 'seq'>

export const newAdmission = (parts: AdmissionParts): Admission => {
  const { store, network, clock, pool, chain, rolling } = parts
  const leastFeeRate = () => rolling.least(pool.usageBytes / parts.maxPoolBytes)

  const coinAt = (point: OutPoint, nextHeight: number): Coin | undefined => {
    const waiting = pool.output(point)
    if (waiting !== undefined) return { ...waiting, height: nextHeight, coinbase: false }
    return store.coins.get(outPointKey(point))
  }

  /** What the transaction says by itself. */
  const checkAlone = (tx: Transaction): Refusal | undefined => {
    const early = checkTransaction(tx) ?? (isCoinbase(tx) ? 'coinbase' : nonStandard(tx))
    if (early !== undefined) return { reject: early }
    return strippedSize(tx) < MIN_STANDARD_STRIPPED_BYTES ? { reject: 'tx-size-small' } : undefined
  }

  /** What the chain says: inputs, locks, amounts. */
  const checkInChain = (tx: Transaction): { coins: Coin[]; fee: bigint } | Refusal => {
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
    if (!sequenceLocksPassed(tx, coins, height, medianTimeAt)) return { reject: 'non-BIP68-final' }
    const checked = checkSpend(tx, coins, { network, height, medianTimeAt })
    if ('fee' in checked) return { coins, fee: checked.fee }
    return { reject: checked.reject, ...spendDetails(checked.reject, tx, coins, height) }
  }

  /** What keeps the mempool small and useful. */
  const checkFee = (entry: Candidate): Refusal | undefined => {
    const fee = pool.modifiedFee(entry)
    const least = (leastFeeRate() * BigInt(entry.vsize)) / 1000n
    if (fee < least) return { reject: 'mempool min fee not met', why: `${fee} < ${least}` }
    const relay = minRelayFee(entry.vsize)
    return fee < relay ? { reject: 'min relay fee not met', why: `${fee} < ${relay}` } : undefined
  }

  /** @returns what would fall for it */
  const checkFamily = (entry: Candidate): PoolEntry[] | Refusal => {
    const conflicts = conflictsOf(pool, entry.tx)
    const tooBig = familyTooBig(pool, entry, conflicts)
    if (tooBig !== undefined) return { reject: 'too-long-mempool-chain', why: tooBig }
    const truc = trucViolation(pool, entry, conflicts)
    if (truc?.sibling !== undefined) conflicts.push(truc.sibling)
    else if (truc !== undefined) return { reject: 'TRUC-violation', why: truc.why }
    const ancestors = pool.ancestors(entry)
    const own = conflicts.find(({ txid }) => ancestors.has(txid))
    if (own !== undefined)
      return {
        reject: 'bad-txns-spends-conflicting-tx',
        why: `${entry.txid} spends conflicting transaction ${own.txid}`,
      }
    return conflicts.length === 0 ? [] : replacement(pool, entry, conflicts, truc?.sibling !== undefined)
  }

  const candidate = (tx: Transaction, coins: readonly Coin[], fee: bigint): Candidate => {
    const sigops = sigopsCost(tx, coins)
    return {
      tx,
      txid: transactionId(tx),
      wtxid: witnessId(tx),
      fee,
      vsize: Math.max(virtualSize(tx), sigops * VBYTES_PER_SIGOP),
      weight: transactionWeight(tx),
      sigops,
      enteredAt: clock.now(),
      height: chain.tip().height,
    }
  }

  const known = (tx: Transaction): string | undefined => {
    const waiting = pool.get(transactionId(tx))
    if (waiting === undefined) return undefined
    return waiting.wtxid === witnessId(tx) ? 'txn-already-in-mempool' : 'txn-same-nonwitness-data-in-mempool'
  }

  return {
    leastFeeRate,
    check: (tx, { returning = false } = {}) => {
      const alone = checkAlone(tx)
      if (alone !== undefined) return alone
      const already = known(tx)
      if (already !== undefined) return { reject: already }
      const inChain = checkInChain(tx)
      if ('reject' in inChain) {
        const confirmed = inChain.reject === MISSING && store.active.heightOf(transactionId(tx)) !== undefined
        return confirmed ? { reject: 'txn-already-known' } : inChain
      }
      const { coins, fee } = inChain
      const inputs = nonStandardInputs(tx, coins)
      if (inputs !== undefined) return { reject: inputs }
      const entry = candidate(tx, coins, fee)
      if (fee > 0n && tx.outputs.some((output) => output.value < dustLimit(output)))
        return { reject: 'dust', why: 'tx with dust output must be 0-fee' }
      if (entry.sigops > MAX_STANDARD_SIGOPS_COST) return { reject: 'bad-txns-too-many-sigops', why: `${entry.sigops}` }
      const tooCheap = returning ? undefined : checkFee(entry)
      if (tooCheap !== undefined) return tooCheap
      const replaces = returning ? plainConflict(pool, tx) : checkFamily(entry)
      if ('reject' in replaces) return replaces
      return scriptRefusal(parts, tx, coins) ?? { entry, replaces }
    },
    recheck: ({ tx }) => {
      const inChain = checkInChain(tx)
      return 'reject' in inChain ? inChain.reject : undefined
    },
  }
}

export const MISSING = 'bad-txns-inputs-missingorspent'

const conflictsOf = (pool: Pool, tx: Transaction): PoolEntry[] => [
  ...new Set(tx.inputs.flatMap((input) => pool.spender(input) ?? [])),
]

/** What was there before pushes nothing out. */
const plainConflict = (pool: Pool, tx: Transaction): [] | Refusal =>
  conflictsOf(pool, tx).length === 0 ? [] : { reject: 'txn-mempool-conflict' }
