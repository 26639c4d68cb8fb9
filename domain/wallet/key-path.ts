/**
 * Which key of the wallet: `receive` and `change` are BIP 84's two chains, `identity` is the node's one chain identity (always index 0),
 * `channel` has one key per lease.
 */
export const KEY_ACCOUNTS = ['receive', 'change', 'identity', 'channel'] as const
export type KeyAccount = (typeof KEY_ACCOUNTS)[number]

export type KeyPath = { readonly account: KeyAccount; readonly index: number }

/** One text for each path. */
export const pathKey = ({ account, index }: KeyPath): string => `${account}/${index}`

export const IDENTITY: KeyPath = { account: 'identity', index: 0 }
