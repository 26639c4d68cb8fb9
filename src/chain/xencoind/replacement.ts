import { toCoinText, toMoneyText } from './coin-text.ts'
import { INCREMENTAL_FEE_RATE } from './policy.ts'
import type { Pool, PoolEntry } from './pool.ts'
import type { Refusal } from './refusal.ts'

/** Entries that one transaction may push out, with all that falls with them (BIP 125 rule 5). */
export const MAX_REPLACED = 100

type Candidate = Omit<PoolEntry, 'seq'>

/**
 * BIP 125 as Core 29 keeps it, for every transaction and not only those that signal: what comes must pay more in all, more for
 * its size than each that it replaces, and for its own relay.
 *
 * @param conflicts entries that spend what `entry` spends, or a sibling that must leave for it
 * @param eviction a sibling is among them: Core says so
 * @returns all that would fall, or why not
 */
export const replacement = (
  pool: Pool,
  entry: Candidate,
  conflicts: readonly PoolEntry[],
  eviction = false,
): PoolEntry[] | Refusal => {
  const fallen = new Map<string, PoolEntry>()
  for (const conflict of conflicts) {
    fallen.set(conflict.txid, conflict)
    for (const one of pool.descendants(conflict).values()) fallen.set(one.txid, one)
  }
  const reject =
    notBetterThanEach(pool, entry, conflicts) ??
    tooMany(entry, fallen.size) ??
    addsUnconfirmed(pool, entry, conflicts) ??
    paysTooLittle(pool, entry, [...fallen.values()])
  if (reject === undefined) return [...fallen.values()]
  return eviction ? { ...reject, reject: `${reject.reject} (including sibling eviction)` } : reject
}

/** A rate as Core writes it: coins for a thousand virtual bytes. */
const rateText = (fee: bigint, vsize: number): string => `${toCoinText((fee * 1000n) / BigInt(vsize))} BTC/kvB`

const notBetterThanEach = (pool: Pool, entry: Candidate, conflicts: readonly PoolEntry[]): Refusal | undefined => {
  const fee = pool.modifiedFee(entry)
  for (const conflict of conflicts) {
    const old = pool.modifiedFee(conflict)
    if ((fee * 1000n) / BigInt(entry.vsize) > (old * 1000n) / BigInt(conflict.vsize)) continue
    const rates = `new feerate ${rateText(fee, entry.vsize)} <= old feerate ${rateText(old, conflict.vsize)}`
    return { reject: 'insufficient fee', why: `rejecting replacement ${entry.txid}; ${rates}` }
  }
  return undefined
}

const tooMany = ({ txid }: Candidate, count: number): Refusal | undefined =>
  count <= MAX_REPLACED
    ? undefined
    : {
        reject: 'too many potential replacements',
        why: `rejecting replacement ${txid}; too many potential replacements (${count} > ${MAX_REPLACED})`,
      }

/** Rule 2: it may not wait for more than what it replaces waits for. */
const addsUnconfirmed = (pool: Pool, entry: Candidate, conflicts: readonly PoolEntry[]): Refusal | undefined => {
  const before = new Set(conflicts.flatMap(({ tx }) => tx.inputs.map(({ txid }) => txid)))
  const index = entry.tx.inputs.findIndex(({ txid }) => !before.has(txid) && pool.get(txid) !== undefined)
  if (index < 0) return undefined
  return {
    reject: 'replacement-adds-unconfirmed',
    why: `replacement ${entry.txid} adds unconfirmed input, idx ${index}`,
  }
}

const paysTooLittle = (pool: Pool, entry: Candidate, fallen: readonly PoolEntry[]): Refusal | undefined => {
  const fee = pool.modifiedFee(entry)
  const before = fallen.reduce((sum, one) => sum + pool.modifiedFee(one), 0n)
  const head = `rejecting replacement ${entry.txid}, `
  if (fee < before)
    return {
      reject: 'insufficient fee',
      why: `${head}less fees than conflicting txs; ${toMoneyText(fee)} < ${toMoneyText(before)}`,
    }
  const relay = BigInt(entry.vsize) * INCREMENTAL_FEE_RATE
  if (fee - before >= relay) return undefined
  return {
    reject: 'insufficient fee',
    why: `${head}not enough additional fees to relay; ${toMoneyText(fee - before)} < ${toMoneyText(relay)}`,
  }
}
