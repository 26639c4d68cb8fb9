import { outPointKey } from '../chain/transaction.ts'
import type { WalletFact } from './facts.ts'
import { type KeyPath, pathKey } from './key-path.ts'
import { drop, lookUp, put } from './keyed.ts'
import type { Coin, NextIndex, Sent, WalletState, WalletTransaction } from './state.ts'

type FactOf<T extends WalletFact['type']> = Extract<WalletFact, { type: T }>

/** Folds one fact. @throws when the fact cannot follow what was folded before: the stream is corrupt */
export const evolveWallet = (state: WalletState, fact: WalletFact): WalletState => {
  switch (fact.type) {
    case 'wallet.received':
      return received(state, fact)
    case 'wallet.spent':
      return spent(state, fact)
    case 'wallet.confirmed':
      return changed(state, { ...known(state, fact.txid), height: fact.height })
    case 'wallet.unconfirmed':
      return changed(state, withoutHeight(known(state, fact.txid)))
    case 'wallet.dropped':
      return dropped(state, fact)
    case 'wallet.sent':
      return sent(state, fact)
    case 'wallet.address-used':
      return {
        ...state,
        next: after(state.next, fact.keyPath),
        given: fact.reference === undefined ? state.given : put(state.given, fact.reference, fact.keyPath),
      }
    case 'wallet.labelled': {
      const { labels } = state
      return { ...state, labels: fact.label === '' ? drop(labels, fact.txid) : put(labels, fact.txid, fact.label) }
    }
    case 'wallet.address-labelled': {
      const { addressLabels } = state
      const key = pathKey(fact.keyPath)
      return {
        ...state,
        addressLabels: fact.label === '' ? drop(addressLabels, key) : put(addressLabels, key, fact.label),
      }
    }
    case 'wallet.scanned':
      return { ...state, scanned: { height: fact.height, hash: fact.hash } }
  }
}

const received = (state: WalletState, fact: FactOf<'wallet.received'>): WalletState => {
  const { txid, vout, value, script, keyPath, coinbase, bond } = fact
  const key = outPointKey(fact)
  if (lookUp(state.coins, key) !== undefined) throw new Error(`corrupt wallet: ${key} was received before`)
  const [begun, tx] = begin(state, txid, fact)
  const next = { ...tx, creates: [...tx.creates, key], received: tx.received + value }
  return changed(
    {
      ...begun,
      coins: put(begun.coins, key, { txid, vout, value, script, keyPath, coinbase, bond }),
      next: after(begun.next, keyPath),
    },
    next,
  )
}

const spent = (state: WalletState, fact: FactOf<'wallet.spent'>): WalletState => {
  const key = outPointKey(fact)
  const coin = lookUp(state.coins, key)
  if (coin === undefined || coin.spentBy !== undefined) throw new Error(`corrupt wallet: ${key} is not there to spend`)
  return take(begin(state, fact.by, fact), key, coin)
}

const sent = (state: WalletState, fact: FactOf<'wallet.sent'>): WalletState => {
  const { txid, raw, purpose, reference, also, fee } = fact
  const mine: Sent = {
    raw,
    purpose,
    fee,
    ...(reference === undefined ? {} : { reference }),
    ...(also === undefined ? {} : { also }),
  }
  const [begun, tx] = begin(state, txid, { at: fact.at })
  let next = changed(begun, { ...tx, sent: mine })
  for (const input of fact.inputs) {
    const key = outPointKey(input)
    const coin = lookUp(next.coins, key)
    if (coin === undefined || coin.spentBy !== undefined)
      throw new Error(`corrupt wallet: ${key} is not there to spend`)
    next = take([next, known(next, txid)], key, coin)
  }
  return { ...next, paid: paidBy(next.paid, mine, txid) }
}

const referencesOf = ({ reference, also = [] }: Pick<Sent, 'reference' | 'also'>): readonly string[] =>
  reference === undefined ? also : [reference, ...also]

const paidBy = (paid: WalletState['paid'], sent: Sent, txid: string): WalletState['paid'] =>
  referencesOf(sent).reduce((all, reference) => put(all, reference, txid), paid)

/** Its coins go, what it spent comes back. A reference stays taken, unless the transaction surely never left this machine. */
const dropped = (state: WalletState, fact: FactOf<'wallet.dropped'>): WalletState => {
  const tx = known(state, fact.txid)
  let { coins, paid } = state
  for (const key of tx.creates) coins = drop(coins, key)
  for (const key of tx.spends) {
    const coin = lookUp(coins, key)
    if (coin?.spentBy === tx.txid) coins = put(coins, key, withoutSpender(coin))
  }
  if (fact.reason === 'refused') for (const reference of referencesOf(tx.sent ?? {})) paid = drop(paid, reference)
  const gone = { ...withoutHeight(tx), dropped: true, creates: [], spends: [], received: 0n, spent: 0n }
  return changed({ ...state, coins, paid }, gone)
}

/** The transaction as known, or new; one that was dropped lives again, and its reference with it: what replaced it is gone. */
const begin = (
  state: WalletState,
  txid: string,
  { at, height }: { at: number; height?: number },
): [WalletState, WalletTransaction] => {
  const placed = height === undefined ? {} : { height }
  const before = lookUp(state.transactions, txid)
  if (before !== undefined) {
    const { paid: all } = state
    const paid = before.dropped && before.sent !== undefined ? paidBy(all, before.sent, txid) : all
    return [
      { ...state, paid },
      { ...before, ...placed, dropped: false },
    ]
  }
  const order = state.count + 1
  const fresh = { txid, order, at, dropped: false, creates: [], spends: [], received: 0n, spent: 0n, ...placed }
  return [{ ...state, count: order }, fresh]
}

const take = ([state, tx]: [WalletState, WalletTransaction], key: string, coin: Coin): WalletState =>
  changed(
    { ...state, coins: put(state.coins, key, { ...coin, spentBy: tx.txid }) },
    { ...tx, spends: [...tx.spends, key], spent: tx.spent + coin.value },
  )

const changed = (state: WalletState, tx: WalletTransaction): WalletState => ({
  ...state,
  transactions: put(state.transactions, tx.txid, tx),
})

const known = (state: WalletState, txid: string): WalletTransaction => {
  const tx = lookUp(state.transactions, txid)
  if (tx === undefined) throw new Error(`corrupt wallet: transaction ${txid} is not known`)
  return tx
}

const withoutHeight = ({ height: _, ...tx }: WalletTransaction): WalletTransaction => tx

const withoutSpender = ({ spentBy: _, ...coin }: Coin): Coin => coin

const after = (next: NextIndex, { account, index }: KeyPath): NextIndex =>
  index < next[account] ? next : { ...next, [account]: index + 1 }
