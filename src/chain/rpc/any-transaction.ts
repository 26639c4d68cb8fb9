import { decodeTransaction } from '../../../domain/chain/codec.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'

/**
 * A transaction in either form of the wire: with the marker of witnesses, or the old one, which a transaction without inputs has.
 *
 * @throws DecodeError
 */
export const anyTransaction = (bytes: Uint8Array): Transaction => {
  try {
    return decodeTransaction(bytes)
  } catch {
    return decodeTransaction(bytes, { witness: false })
  }
}
