import { isUnspendable, witnessProgram } from './script.ts'
import { sizeOfSize } from './writer.ts'

/** Sats for 1,000 virtual bytes at which spending an output must still pay (Bitcoin Core policy, -dustrelayfee). */
const DUST_RELAY_FEE = 3_000n
/** Virtual bytes of the input that would spend a witness output, and any other. */
const WITNESS_SPEND_BYTES = 67
const LEGACY_SPEND_BYTES = 148

/** Least value of an output with this script that nodes relay, in sats (Bitcoin Core GetDustThreshold): 294 for P2WPKH, 330 for P2WSH. */
export const dustOf = (script: Uint8Array): bigint => {
  if (isUnspendable(script)) return 0n
  const spendBytes = witnessProgram(script) === undefined ? LEGACY_SPEND_BYTES : WITNESS_SPEND_BYTES
  return (BigInt(8 + sizeOfSize(script.length) + script.length + spendBytes) * DUST_RELAY_FEE) / 1000n
}
