import type { Purpose } from './facts.ts'
import { lookUp, valuesOf } from './keyed.ts'
import type { WalletState } from './state.ts'

/** One transaction as the wallet's owner sees it. `change`: what it added to our coins or took from them, sats, fee and all. */
export type HistoryEntry = {
  readonly txid: string
  readonly at: number
  readonly change: bigint
  readonly height?: number
  readonly dropped: boolean
  readonly purpose?: Purpose
  readonly reference?: string
  readonly fee?: bigint
  /** The owner's words. */
  readonly label?: string
}

/** The newest `limit` transactions, newest first. */
export const historyOf = (state: WalletState, limit: number): HistoryEntry[] =>
  [...valuesOf(state.transactions)]
    .sort((a, b) => b.order - a.order)
    .slice(0, limit)
    .map(({ txid, at, height, dropped, received, spent, sent }) => ({
      txid,
      at,
      change: received - spent,
      dropped,
      ...(height === undefined ? {} : { height }),
      ...(sent === undefined ? {} : { purpose: sent.purpose, fee: sent.fee }),
      ...labelOf(state, txid),
      ...(sent?.reference === undefined ? {} : { reference: sent.reference }),
    }))

const labelOf = ({ labels }: WalletState, txid: string): { label?: string } => {
  const label = lookUp(labels, txid)
  return label === undefined ? {} : { label }
}
