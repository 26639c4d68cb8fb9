/**
 * Which key of the wallet: `receive` and `change` are BIP 84's two chains, `identity` is the node's one chain identity (always index 0),
 * `channel` has one key per lease.
 */
export type KeyAccount = 'receive' | 'change' | 'identity' | 'channel'

export type KeyPath = { readonly account: KeyAccount; readonly index: number }

export const IDENTITY: KeyPath = { account: 'identity', index: 0 }
