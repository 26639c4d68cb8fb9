import { KEY_ACCOUNTS, type KeyPath, pathKey } from './key-path.ts'
import { lookUp, valuesOf } from './keyed.ts'
import type { WalletState } from './state.ts'

/** An address of the wallet that was given out, or paid. Amounts are sats; `unspent` is what of it is left. */
export type AddressEntry = {
  readonly keyPath: KeyPath
  readonly received: bigint
  readonly unspent: bigint
  /** The owner's words. */
  readonly label?: string
}

/** Addresses whose keys were used or labelled, by account, newest first. */
export const addressesOf = (state: WalletState, limit: number): AddressEntry[] => {
  const paid = new Map<string, { received: bigint; unspent: bigint }>()
  for (const { keyPath, value, spentBy } of valuesOf(state.coins)) {
    const key = pathKey(keyPath)
    const { received, unspent } = paid.get(key) ?? { received: 0n, unspent: 0n }
    paid.set(key, { received: received + value, unspent: unspent + (spentBy === undefined ? value : 0n) })
  }
  return KEY_ACCOUNTS.flatMap((account) =>
    // The next of each account too: that is the one that is shown to be paid.
    Array.from({ length: state.next[account] + 1 }, (_, i): AddressEntry => {
      const keyPath = { account, index: state.next[account] - i }
      const label = lookUp(state.addressLabels, pathKey(keyPath))
      const sums = paid.get(pathKey(keyPath)) ?? { received: 0n, unspent: 0n }
      return { keyPath, ...sums, ...(label === undefined ? {} : { label }) }
    }),
  )
    .filter(
      ({ keyPath, received, label }) =>
        keyPath.index < state.next[keyPath.account] || received > 0n || label !== undefined,
    )
    .slice(0, limit)
}
