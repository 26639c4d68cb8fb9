import type { WalletFact } from '../../domain/wallet/facts.ts'

/** Facts of coins and payments; which addresses were given out and how far the chain was looked through are not of them. */
export type WalletFeedFact = Exclude<
  WalletFact,
  { readonly type: 'wallet.address-used' | 'wallet.address-labelled' | 'wallet.scanned' }
>

/** Types of the facts that the wallet feed tells of. */
export const WALLET_FACTS: readonly WalletFeedFact['type'][] = [
  'wallet.received',
  'wallet.spent',
  'wallet.confirmed',
  'wallet.unconfirmed',
  'wallet.dropped',
  'wallet.sent',
  'wallet.labelled',
]

/** What a fact shows in the wallet feed, which is its owner's: fields are named one by one; paths of keys and raw transactions are left out. */
export const walletView = (fact: WalletFeedFact): Record<string, unknown> => {
  switch (fact.type) {
    case 'wallet.received': {
      const { vout, value, script, coinbase, bond, height } = fact
      return { vout, value, script, coinbase, bond, height }
    }
    case 'wallet.spent':
      return { vout: fact.vout, by: fact.by, height: fact.height }
    case 'wallet.confirmed':
      return { height: fact.height }
    case 'wallet.unconfirmed':
      return {}
    case 'wallet.dropped':
      return { reason: fact.reason }
    case 'wallet.labelled':
      return { label: fact.label }
    case 'wallet.sent':
      return { purpose: fact.purpose, reference: fact.reference, also: fact.also, inputs: fact.inputs, fee: fact.fee }
  }
}
