import { outPointKey } from '../../domain/chain/transaction.ts'
import type { Signed } from '../../domain/wallet/commit.ts'
import { lookUp } from '../../domain/wallet/keyed.ts'
import type { WalletState } from '../../domain/wallet/state.ts'
import { isTooLong } from '../chain/port.ts'

/** Coins of ours that nobody takes a further transaction from until the next block: too many wait before them. */
export const longChains = () => {
  const coins = new Set<string>()
  let height = -1
  let refusal: unknown
  return {
    /** Those that are to be left alone at this height of the chain. */
    at(now: number): ReadonlySet<string> {
      if (now !== height) coins.clear()
      height = now
      return coins
    },
    /** The other coins do not do: a block is to be waited for, since it is not the coins that are missing. @throws Rejected */
    refuse(): void {
      if (coins.size > 0) throw refusal
    },
    /** Notes what a refused transaction spends that is in no block. @returns whether another coin may be tried */
    tooLong(error: unknown, state: WalletState, chain: readonly Signed[]): boolean {
      if (!isTooLong(error)) return false
      refusal = error
      const before = coins.size
      for (const point of chain.flatMap(({ tx }) => tx.inputs))
        if (lookUp(state.transactions, point.txid)?.height === undefined) coins.add(outPointKey(point))
      return coins.size > before
    },
  }
}
