import { fromHex } from '../../domain/bytes.ts'
import { decodeTransaction, transactionId } from '../../domain/chain/codec.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import { Fault } from '../../domain/fault.ts'
import { pending } from '../../domain/wallet/coins.ts'
import type { DropReason, WalletFact } from '../../domain/wallet/facts.ts'
import { lookUp } from '../../domain/wallet/keyed.ts'
import { dropFacts } from '../../domain/wallet/observe.ts'
import type { WalletState, WalletTransaction } from '../../domain/wallet/state.ts'
import { type ChainEngine, INPUTS_GONE, Rejected } from '../chain/port.ts'
import type { Clock } from '../clock/port.ts'
import type { Ledger } from './ledger.ts'

/** Gives our transactions to the node, until they are in a block. */
export interface Outbox {
  /**
   * The first attempt, oldest first.
   * @returns whether the node has them all; false when it did not answer
   * @throws Rejected; the refused one and those after it are dropped
   */
  send(transactions: readonly Transaction[]): Promise<boolean>
  /**
   * As `send`, of one transaction that replaces another.
   * @param back what is to be written when the node refuses it
   * @throws Rejected, when that is written
   */
  replace(tx: Transaction, back: (state: WalletState) => readonly WalletFact[]): Promise<boolean>
  /** Offers again what the node lost, and drops what can never confirm. @throws Fault `chain.unreachable` */
  tend(): Promise<void>
}

export const openOutbox = (ledger: Ledger, engine: ChainEngine, clock: Clock): Outbox => {
  // `tend` leaves these to `send`: only then does a refusal prove that the transaction never left this machine.
  const sending = new Set<string>()

  const dropIt = (txid: string, reason: DropReason): Promise<void> =>
    ledger.change((state) => ({ facts: dropFacts(state, txid, reason, clock.now()), answer: undefined }))

  const send = async (transactions: readonly Transaction[]): Promise<boolean> => {
    for (const tx of transactions) sending.add(transactionId(tx))
    try {
      for (const tx of transactions) await offer(tx)
      return true
    } catch (error) {
      if (error instanceof Fault && error.code === 'chain.unreachable') return false
      throw error
    } finally {
      for (const tx of transactions) sending.delete(transactionId(tx))
    }
  }

  const offer = async (tx: Transaction): Promise<void> => {
    try {
      await engine.broadcast(tx)
    } catch (error) {
      if (error instanceof Rejected) await dropIt(transactionId(tx), 'refused')
      throw error
    }
  }

  const replace = async (tx: Transaction, back: (state: WalletState) => readonly WalletFact[]): Promise<boolean> => {
    const txid = transactionId(tx)
    sending.add(txid)
    try {
      await engine.broadcast(tx)
      return true
    } catch (error) {
      if (error instanceof Fault && error.code === 'chain.unreachable') return false
      if (error instanceof Rejected) await ledger.change((state) => ({ facts: back(state), answer: undefined }))
      throw error
    } finally {
      sending.delete(txid)
    }
  }

  const offerAgain = async (txid: string, raw: string): Promise<void> => {
    try {
      await engine.broadcast(decodeTransaction(fromHex(raw)))
    } catch (error) {
      if (!(error instanceof Rejected)) throw error
      // Any other reason (a full mempool, a fee that is too low today) may pass: it is offered again with the next block.
      if (error.reason.includes(INPUTS_GONE)) await dropIt(txid, 'conflict')
    }
  }

  const tend = async (): Promise<void> => {
    for (const { txid, sent } of pending(await ledger.state())) {
      if (sending.has(txid) || (await engine.transaction(txid)) !== undefined) continue
      // It may have been confirmed or dropped while the node was asked.
      const state = await ledger.state()
      const now = lookUp(state.transactions, txid)
      if (now === undefined || now.dropped || now.height !== undefined) continue
      if (sent !== undefined) await offerAgain(txid, sent.raw)
      else if (!(await paysUsStill(engine, state, now))) await dropIt(txid, 'vanished')
    }
  }

  return { send, replace, tend }
}

/** A node without an index of all transactions still knows the unspent outputs of those in blocks. */
const paysUsStill = async (engine: ChainEngine, state: WalletState, tx: WalletTransaction): Promise<boolean> => {
  for (const key of tx.creates) {
    const coin = lookUp(state.coins, key)
    if (coin !== undefined && (await engine.output({ txid: coin.txid, vout: coin.vout })) !== undefined) return true
  }
  return false
}
