/**
 * What a text that somebody types or pastes can name. A hash of 32 bytes may be a block's or a transaction's: the node is asked.
 * `address`: whatever else it is; the node says when it is none.
 */
export type Named =
  | { readonly kind: 'height'; readonly height: number }
  | { readonly kind: 'hash'; readonly hash: string }
  | { readonly kind: 'lease'; readonly leaseId: string }
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'address'; readonly address: string }

const HEIGHT = /^\d{1,9}$/
const HASH = /^[0-9a-f]{64}$/
const LEASE = /^[0-9a-f]{32}$/
const KEY = /^0[23][0-9a-f]{64}$/
/** Letters and digits are all that Base58 and Bech32 have; longer ones than 90 there are none (BIP 173). */
const ADDRESS = /^[0-9A-Za-z]{14,90}$/

/** @returns undefined for what can name nothing */
export const named = (typed: string): Named | undefined => {
  const text = typed.trim()
  const low = text.toLowerCase()
  if (HEIGHT.test(text)) return { kind: 'height', height: Number(text) }
  if (HASH.test(low)) return { kind: 'hash', hash: low }
  if (LEASE.test(low)) return { kind: 'lease', leaseId: low }
  if (KEY.test(low)) return { kind: 'key', key: low }
  return ADDRESS.test(text) ? { kind: 'address', address: text } : undefined
}
