import { witnessProgram } from '../chain/script.ts'
import type { TxOutput } from '../chain/transaction.ts'

/** Sats per virtual byte of Bitcoin Core's dust limit (`-dustrelayfee`). */
const DUST_RATE = 3n
const OP_RETURN = 0x6a

/** The least value that nodes relay for an output with this script: 294 sats for P2WPKH, 330 for P2WSH (Bitcoin Core's `GetDustThreshold`). */
export const dustOf = ({ script }: Pick<TxOutput, 'script'>): bigint => {
  if (script[0] === OP_RETURN) return 0n
  const toSpend = witnessProgram(script) === undefined ? 148 : 67
  return BigInt(8 + 1 + script.length + toSpend) * DUST_RATE
}
