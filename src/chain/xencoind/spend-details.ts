import type { Coin } from '../../../domain/chain/coin.ts'
import type { CoinReject } from '../../../domain/chain/connect.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'
import { toMoneyText } from './coin-text.ts'

/** What Core tells people beside the reason (consensus/tx_verify.cpp). */
export const spendDetails = (
  reject: CoinReject,
  tx: Transaction,
  coins: readonly Coin[],
  height: number,
): { why?: string } => {
  switch (reject) {
    case 'bad-txns-premature-spend-of-coinbase': {
      const young = coins.findLast(({ coinbase }) => coinbase)
      return young === undefined ? {} : { why: `tried to spend coinbase at depth ${height - young.height}` }
    }
    case 'bad-txns-in-belowout': {
      const paid = coins.reduce((sum, { value }) => sum + value, 0n)
      const given = tx.outputs.reduce((sum, { value }) => sum + value, 0n)
      return { why: `value in (${toMoneyText(paid)}) < value out (${toMoneyText(given)})` }
    }
    default:
      return {}
  }
}
