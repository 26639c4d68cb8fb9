import { equal, toHex } from '../bytes.ts'
import { hash160 } from '../chain/hash.ts'
import { isNullData, p2wpkh } from '../chain/script.ts'
import type { Transaction } from '../chain/transaction.ts'
import type { RecordFacts } from './facts.ts'
import { BOND_VOUT, decodeRecord, RECORD_VOUT } from './record.ts'

/** An announcement as it stands in a transaction. */
export type FoundAnnouncement = { readonly author: string; readonly bondSats: bigint; readonly record: RecordFacts }

/**
 * Reads an announcement off a valid transaction: record in output 0, bond in output 1, author the key that signed the first input
 * (P2WPKH) and that alone can spend the bond. Anything else is somebody else's data, and no announcement.
 */
export const announcementIn = (tx: Transaction): FoundAnnouncement | undefined => {
  const data = isNullData(tx.outputs[RECORD_VOUT]?.script ?? new Uint8Array())
  const record = data && decodeRecord(data)
  const bond = tx.outputs[BOND_VOUT]
  const author = tx.inputs[0]?.witness[1]
  if (!record || !bond || tx.inputs[0]?.witness.length !== 2 || author?.length !== 33) return undefined
  if (!equal(bond.script, p2wpkh(hash160(author)))) return undefined
  return { author: toHex(author), bondSats: bond.value, record: { ...record, bodyHash: toHex(record.bodyHash) } }
}
