import { CHAIN_STREAM, type ChainFact } from '../../domain/chain/facts.ts'
import { balanceOf, type Tip } from '../../domain/wallet/coins.ts'
import { historyOf } from '../../domain/wallet/history.ts'
import type { Journal } from '../journal/port.ts'
import { openLedger } from './ledger.ts'
import { HISTORY_LIMIT, type Wallet } from './port.ts'

/**
 * The wallet of a log as its facts have it: without keys, without a chain, and as far as the node that has them came.
 * @param maturity blocks until a mined coin may be spent
 */
export const walletInLog = (journal: Journal, maturity: number): Pick<Wallet, 'balance' | 'history'> => {
  const ledger = openLedger(journal)
  const tip = async (): Promise<Tip> => {
    const [newest] = await journal.readBackward(CHAIN_STREAM, undefined, 1)
    const fact = newest?.fact as ChainFact | undefined
    return { height: fact ? fact.height - (fact.type === 'chain.disconnected' ? 1 : 0) : 0, maturity }
  }
  return {
    balance: async (account) => balanceOf(await ledger.state(), await tip(), account),
    history: async (limit = HISTORY_LIMIT) => historyOf(await ledger.state(), limit),
  }
}
