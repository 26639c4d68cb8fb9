import type { Transaction } from './transaction.ts'

/** Law: lock times below are heights, from here on Unix seconds. */
export const LOCKTIME_THRESHOLD = 500_000_000
/** An input with this sequence does not take part in the transaction's lock time. */
export const SEQUENCE_FINAL = 0xffffffff

/** BIP 68: the sequence is no relative lock. */
export const SEQUENCE_LOCK_DISABLED = 0x80000000
/** BIP 68: the relative lock counts units of 512 seconds, else blocks. */
export const SEQUENCE_LOCK_SECONDS = 0x00400000
export const SEQUENCE_LOCK_MASK = 0x0000ffff
/** BIP 68: seconds of one unit, as a shift. */
export const SEQUENCE_UNIT_SHIFT = 9

/**
 * Whether `tx` may stand in a block at `height` (BIP 113: time locks are measured by the median time past of the block before).
 */
export const isFinal = (tx: Transaction, height: number, medianTimePast: number): boolean => {
  if (tx.lockTime === 0) return true
  if (tx.lockTime < (tx.lockTime < LOCKTIME_THRESHOLD ? height : medianTimePast)) return true
  return tx.inputs.every((input) => input.sequence === SEQUENCE_FINAL)
}

/** CHECKLOCKTIMEVERIFY (BIP 65): the transaction's own lock time is of the same kind, as late, and in force at this input. */
export const meetsLockTime = (tx: Transaction, index: number, wanted: bigint): boolean => {
  const isHeight = (n: bigint | number): boolean => n < LOCKTIME_THRESHOLD
  if (isHeight(wanted) !== isHeight(tx.lockTime)) return false
  return wanted <= BigInt(tx.lockTime) && tx.inputs[index]?.sequence !== SEQUENCE_FINAL
}

/** CHECKSEQUENCEVERIFY (BIP 112): the input's own relative lock is of the same kind and as long. */
export const meetsSequence = (tx: Transaction, index: number, wanted: bigint): boolean => {
  const sequence = tx.inputs[index]?.sequence ?? SEQUENCE_FINAL
  if (tx.version < 2 || sequence >= SEQUENCE_LOCK_DISABLED) return false
  const ofKind = (n: number): { seconds: boolean; value: number } => ({
    seconds: (n & SEQUENCE_LOCK_SECONDS) !== 0,
    value: n & SEQUENCE_LOCK_MASK,
  })
  const own = ofKind(sequence)
  const asked = ofKind(Number(wanted & BigInt(SEQUENCE_LOCK_SECONDS | SEQUENCE_LOCK_MASK)))
  return own.seconds === asked.seconds && asked.value <= own.value
}
