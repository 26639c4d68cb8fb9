import { concat, equal } from '../bytes.ts'
import type { Block } from './block.ts'
import { transactionId, witnessId } from './codec.ts'
import { fromDisplay, toDisplay, ZERO_HASH } from './display-hash.ts'
import { sha256d } from './hash.ts'
import type { Transaction } from './transaction.ts'

export type MerkleRoot = {
  /** Display order. */
  readonly root: string
  /** Two equal hashes stood side by side, so that another list of transactions has the same root (CVE-2012-2459). */
  readonly mutated: boolean
}

/** Root over ids in display order; the last of an odd row is paired with itself. No ids: zero. */
export const merkleRoot = (ids: readonly string[]): MerkleRoot => {
  if (ids.length === 0) return { root: ZERO_HASH, mutated: false }
  let row = ids.map(fromDisplay)
  let mutated = false
  while (row.length > 1) {
    const above: Uint8Array[] = []
    for (let i = 0; i < row.length; i += 2) {
      const left = row[i] as Uint8Array
      const right = row[i + 1]
      if (right !== undefined && equal(left, right)) mutated = true
      above.push(sha256d(concat(left, right ?? left)))
    }
    row = above
  }
  return { root: toDisplay(row[0] as Uint8Array), mutated }
}

export const transactionsRoot = (transactions: readonly Transaction[]): MerkleRoot =>
  merkleRoot(transactions.map(transactionId))

/** First bytes of the output that commits to the witnesses (BIP 141): RETURN, push of 36, four bytes of mark. */
const COMMITMENT_HEAD = Uint8Array.of(0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed)

/** Script of the coinbase output that commits to all witnesses; `reserved` is the coinbase's own only witness item. */
export const witnessCommitmentScript = (transactions: readonly Transaction[], reserved: Uint8Array): Uint8Array =>
  concat(COMMITMENT_HEAD, witnessCommitment(transactions, reserved))

/** 32 bytes; the coinbase, first in `transactions`, counts as zero (BIP 141). */
export const witnessCommitment = (transactions: readonly Transaction[], reserved: Uint8Array): Uint8Array => {
  const { root } = merkleRoot([ZERO_HASH, ...transactions.slice(1).map(witnessId)])
  return sha256d(concat(fromDisplay(root), reserved))
}

/** Which of the coinbase's outputs commits to the witnesses: the last of that form; -1 for none. */
export const commitmentIndex = (block: Block): number =>
  (block.transactions[0]?.outputs ?? []).findLastIndex(
    ({ script }) => script.length >= 38 && equal(script.subarray(0, COMMITMENT_HEAD.length), COMMITMENT_HEAD),
  )

/** The 32 bytes a block's coinbase commits to, if it does. */
export const committedWitness = (block: Block): Uint8Array | undefined =>
  block.transactions[0]?.outputs[commitmentIndex(block)]?.script.slice(6, 38)
