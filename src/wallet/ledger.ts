import { evolveWallet } from '../../domain/wallet/evolve.ts'
import type { WalletFact } from '../../domain/wallet/facts.ts'
import { WALLET_STREAM } from '../../domain/wallet/facts.ts'
import { initialWallet, type WalletState } from '../../domain/wallet/state.ts'
import { Conflict, type Journal, MAX_APPEND_FACTS } from '../journal/port.ts'
import { MAX_CONFLICTS } from './port.ts'

/** What a decision over the wallet's state gives: facts to write, and an answer. */
export type Decision<T> = { readonly facts: readonly WalletFact[]; readonly answer: T }

/** The wallet's stream, folded. */
export interface Ledger {
  /** As of now, with all that was written by anyone. */
  state(): Promise<WalletState>
  /**
   * Decides and writes as one step: `decide` sees the newest state and is called again when someone else wrote first.
   * More facts than fit one append are written in order, so they must make sense as far as they came.
   * @throws Conflict after `MAX_CONFLICTS` attempts, and the journal's faults
   */
  change<T>(decide: (state: WalletState) => Decision<T>): Promise<T>
}

export const openLedger = (journal: Journal): Ledger => {
  let state = initialWallet
  let version = 0
  let queue: Promise<unknown> = Promise.resolve()

  /** One after another: in this process nobody then needs a second attempt. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work)
    queue = result.catch(() => undefined)
    return result
  }

  const refresh = async (): Promise<WalletState> => {
    for (const recorded of await journal.read(WALLET_STREAM, version)) {
      state = evolveWallet(state, recorded.fact as WalletFact)
      version = recorded.version
    }
    return state
  }

  const write = async (facts: readonly WalletFact[]): Promise<void> => {
    for (let from = 0; from < facts.length; from += MAX_APPEND_FACTS) {
      const part = facts.slice(from, from + MAX_APPEND_FACTS)
      await journal.transact([{ stream: WALLET_STREAM, expected: version, facts: part }])
      state = part.reduce(evolveWallet, state)
      version += part.length
    }
  }

  const attempt = async <T>(decide: (state: WalletState) => Decision<T>): Promise<T> => {
    for (let attempts = 1; ; attempts++) {
      const { facts, answer } = decide(await refresh())
      try {
        await write(facts)
        return answer
      } catch (error) {
        if (!(error instanceof Conflict) || attempts === MAX_CONFLICTS) throw error
      }
    }
  }

  return { state: () => inTurn(refresh), change: (decide) => inTurn(() => attempt(decide)) }
}
