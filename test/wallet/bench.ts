import { mnemonicToSeedSync } from '@scure/bip39'
import { onTestFinished } from 'vitest'
import { isRefusal } from '../../domain/fact.ts'
import type { WalletFact } from '../../domain/wallet/facts.ts'
import type { ChainEngine } from '../../src/chain/port.ts'
import { systemClock } from '../../src/clock/system.ts'
import { nativeCurve } from '../../src/curve/native.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { deriveKeys, type Keys } from '../../src/wallet/keys.ts'
import type { SentTransaction, Wallet, WalletRefusal } from '../../src/wallet/port.ts'
import { openWallet } from '../../src/wallet/wallet.ts'

export const LIMIT_MS = 60_000
const POLL_MS = 5

const seed = mnemonicToSeedSync(`${'abandon '.repeat(11)}about`)
export const keysOfSeed = (account = 0): Keys => deriveKeys(seed, { coinType: 1 + account })

export type Bench = {
  readonly keys: Keys
  readonly journal: Journal
  wallet: Wallet
  facts(): Promise<WalletFact[]>
  /** Waits until the wallet's facts say so. */
  until(what: string, holds: (wallet: Wallet) => Promise<boolean>): Promise<void>
  /** Stops following, as a kill would: nothing is saved on the way out. */
  stop(): Promise<void>
  /** A new wallet over the same journal, following. */
  restart(): void
}

/** A wallet on a journal in memory, following `engine` until the test ends. */
export const openBench = (
  engine: ChainEngine,
  {
    account = 0,
    journal = memoryJournal(),
    following = true,
  }: { account?: number; journal?: Journal; following?: boolean } = {},
): Bench => {
  const keys = keysOfSeed(account)
  let abort = new AbortController()
  let running: Promise<void> = Promise.resolve()
  const start = (): Wallet => {
    const wallet = openWallet({ keys, journal, engine, clock: systemClock, curve: nativeCurve })
    abort = new AbortController()
    if (following) running = wallet.follow(abort.signal)
    return wallet
  }
  const bench: Bench = {
    keys,
    journal,
    wallet: start(),
    facts: async () => (await journal.read('wallet')).map((recorded) => recorded.fact as WalletFact),
    until: async (what, holds) => {
      const deadline = Date.now() + LIMIT_MS / 2
      while (!(await holds(bench.wallet))) {
        if (Date.now() > deadline) throw new Error(`never came true: ${what}`)
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      }
    },
    stop: async () => {
      abort.abort()
      await running
    },
    restart: () => {
      bench.wallet = start()
    },
  }
  onTestFinished(() => bench.stop())
  return bench
}

export const sentBy = (answer: SentTransaction | WalletRefusal): SentTransaction => {
  if (isRefusal(answer)) throw new Error(`refused: ${answer.refused} ${answer.why}`)
  return answer
}
