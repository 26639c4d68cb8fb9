import { fromHex, toHex } from '../../domain/bytes.ts'
import { decodeAddress, encodeAddress } from '../../domain/chain/address.ts'
import { decodeTransaction, transactionId, virtualSize } from '../../domain/chain/codec.ts'
import type { Curve } from '../../domain/chain/curve.ts'
import { withChecksum } from '../../domain/chain/descriptor.ts'
import { outPointKey } from '../../domain/chain/transaction.ts'
import { isRefusal, type Refusal } from '../../domain/fact.ts'
import { addressesOf } from '../../domain/wallet/addresses.ts'
import { type Bump, type BumpRefusal, draftBump } from '../../domain/wallet/bump.ts'
import { balanceOf, type Tip } from '../../domain/wallet/coins.ts'
import { commitFacts, replaceFacts, type Signed } from '../../domain/wallet/commit.ts'
import {
  type Draft,
  type DraftRefusal,
  draftAnnouncement,
  draftPayment,
  draftWithdrawal,
  MAX_REFERENCE_CHARS,
  type Terms,
} from '../../domain/wallet/draft.ts'
import { historyOf } from '../../domain/wallet/history.ts'
import { KEY_ACCOUNTS, type KeyPath, pathKey } from '../../domain/wallet/key-path.ts'
import { lookUp } from '../../domain/wallet/keyed.ts'
import { signTransaction } from '../../domain/wallet/sign.ts'
import type { WalletState } from '../../domain/wallet/state.ts'
import type { ChainEngine } from '../chain/port.ts'
import type { Clock } from '../clock/port.ts'
import type { Journal } from '../journal/port.ts'
import { chosenFee } from './fee.ts'
import { followChain } from './follower.ts'
import type { Keys } from './keys.ts'
import { type Decision, openLedger } from './ledger.ts'
import { longChains } from './long-chains.ts'
import { openOutbox } from './outbox.ts'
import {
  ADDRESSES_LIMIT,
  type FeeChoice,
  HISTORY_LIMIT,
  MAX_LABEL_CHARS,
  MAX_PAID_AT_ONCE,
  type SentTransaction,
  type Wallet,
  type WalletRefusal,
} from './port.ts'
import { openPsbtDesk } from './psbt-desk.ts'
import { watchedScripts } from './watch.ts'

export type WalletParts = {
  readonly keys: Keys
  readonly journal: Journal
  readonly engine: ChainEngine
  readonly clock: Clock
  readonly curve: Curve
}

type Spend = { readonly reference?: string; readonly also?: readonly string[] } & FeeChoice
type Drafter = (state: WalletState, terms: Terms) => Draft[] | DraftRefusal
type Committed = {
  readonly sent: Omit<SentTransaction, 'broadcast'>
  readonly chain: readonly Signed[]
  readonly again: boolean
}

/** The wallet over one journal and one chain engine. Nothing happens until `follow` or a method is called. */
export const openWallet = ({ keys, journal, engine, clock, curve }: WalletParts): Wallet => {
  const ledger = openLedger(journal)
  const outbox = openOutbox(ledger, engine, clock)
  const keyPathOf = watchedScripts(keys)

  const tip = async (): Promise<Tip> => ({
    height: (await engine.tip()).height,
    maturity: engine.network.coinbaseMaturity,
  })

  const sign = ({ tx, coins, purpose, fee }: Draft): Signed => {
    const inputs = coins.map(({ value, keyPath }) => ({ value, key: keys.at(keyPath) }))
    return { tx: signTransaction(tx, inputs, curve), purpose, fee }
  }

  const chains = longChains()

  const spend = async (
    { reference, also, ...fee }: Spend,
    draft: Drafter,
  ): Promise<SentTransaction | WalletRefusal> => {
    const references = [...(reference === undefined ? [] : [reference]), ...(also ?? [])]
    if (
      references.length > MAX_PAID_AT_ONCE ||
      references.some((each) => !/^.+$/s.test(each) || each.length > MAX_REFERENCE_CHARS)
    )
      return { refused: 'bad-reference', why: `a reference has 1 to ${MAX_REFERENCE_CHARS} characters` }
    const feeSatsPerKvb = await chosenFee(engine, fee)
    if (typeof feeSatsPerKvb !== 'bigint') return feeSatsPerKvb
    const now = await tip()
    const without = chains.at(now.height)
    const committed = await ledger.change<Committed | DraftRefusal | Refusal<'bad-reference'>>((state) => {
      const paying = new Set(references.map((each) => lookUp(state.paid, each)))
      if (paying.size > 1)
        return { facts: [], answer: { refused: 'bad-reference', why: 'some of it was paid for before, by another' } }
      const before = references[0] === undefined ? undefined : sentBefore(state, references[0])
      if (before !== undefined) return { facts: [], answer: before }
      const changeScript = keys.change(state.next.change).script
      const drafts = draft(state, { tip: now, feeSatsPerKvb, changeScript, without })
      if (isRefusal(drafts)) return { facts: [], answer: drafts }
      const chain = drafts.map(sign)
      const last = chain.at(-1)!
      const sent = { txid: transactionId(last.tx), tx: last.tx, fee: last.fee, dropped: false }
      const facts = commitFacts(state, chain, { at: clock.now(), reference, also }, keyPathOf)
      return { facts, answer: { sent, chain, again: false } }
    })
    if (isRefusal(committed)) {
      if (committed.refused === 'insufficient-funds') chains.refuse()
      return committed
    }
    const { sent, chain, again } = committed
    if (sent.dropped) return { ...sent, broadcast: false }
    if (again) return { ...sent, broadcast: await isKnown(sent.txid) }
    try {
      return { ...sent, broadcast: await outbox.send(chain.map(({ tx }) => tx)) }
    } catch (error) {
      const state = await ledger.state()
      if (!chains.tooLong(error, state, chain)) throw error
      return await spend({ ...fee, ...(reference === undefined ? {} : { reference, also: also ?? [] }) }, draft)
    }
  }

  const bump: Wallet['bump'] = async (txid, choice = {}) => {
    const feeSatsPerKvb = await chosenFee(engine, choice)
    if (typeof feeSatsPerKvb !== 'bigint') return feeSatsPerKvb
    const now = await tip()
    const found = await engine.transaction(txid)
    const parent = found === undefined ? undefined : { vsize: virtualSize(found.tx) }
    const done = await ledger.change<BumpRefusal | { signed: Signed; replaces: Bump['replaces'] }>((state) => {
      const changeScript = keys.change(state.next.change).script
      const bumped = draftBump(state, txid, { tip: now, feeSatsPerKvb, changeScript }, parent)
      if (isRefusal(bumped)) return { facts: [], answer: bumped }
      const signed = sign(bumped.draft)
      const { replaces } = bumped
      const at = clock.now()
      const facts =
        replaces === undefined
          ? commitFacts(state, [signed], { at }, keyPathOf)
          : replaceFacts(state, replaces, signed, at, keyPathOf)
      return { facts, answer: { signed, replaces } }
    })
    if (isRefusal(done)) return done
    const { signed, replaces } = done
    const made = { txid: transactionId(signed.tx), tx: signed.tx, fee: signed.fee, dropped: false }
    if (replaces === undefined) return { ...made, broadcast: await outbox.send([signed.tx]) }
    const before = { ...replaces.sent, tx: decodeTransaction(fromHex(replaces.sent.raw)) }
    const broadcast = await outbox.replace(signed.tx, (state) => {
      const replacement = lookUp(state.transactions, made.txid)
      return replacement === undefined ? [] : replaceFacts(state, replacement, before, clock.now(), keyPathOf)
    })
    return { ...made, broadcast, replaces: replaces.txid }
  }

  /** A repeated call has no first attempt of its own: what the node lost is offered again as after a crash. */
  const isKnown = async (txid: string): Promise<boolean> => {
    await outbox.tend()
    return (await engine.transaction(txid)) !== undefined
  }

  const receiveScript = async (): Promise<Uint8Array> => keys.receive((await ledger.state()).next.receive).script

  return {
    identity: { publicKey: keys.identity.publicKey, script: keys.identity.script },
    balance: async (account) => balanceOf(await ledger.state(), await tip(), account),
    receiveAddress: async () => encodeAddress(engine.network, await receiveScript()),
    receiveScript,
    channelKey: (reference) =>
      ledger.change((state) => {
        const given = lookUp(state.given, reference)
        const path = given ?? { account: 'channel' as const, index: state.next.channel }
        const answer = { ...keys.at(path), index: path.index }
        if (given !== undefined) return { facts: [], answer }
        return { facts: [{ type: 'wallet.address-used', at: clock.now(), keyPath: path, reference }], answer }
      }),
    pay: (payment) => spend(payment, (state, terms) => draftPayment(state, payment, terms)),
    hasPaid: async (reference) => {
      const state = await ledger.state()
      const txid = lookUp(state.paid, reference)
      return txid !== undefined && lookUp(state.transactions, txid)?.dropped === false
    },
    announce: ({ outputs, ...options }) =>
      spend(options, (state, terms) =>
        draftAnnouncement(state, { outputs, identityScript: keys.identity.script }, terms),
      ),
    spendOutput: ({ outpoint, reference = `spend:${outPointKey(outpoint)}`, ...options }) =>
      spend({ reference, ...options }, (state, terms) => draftWithdrawal(state, outpoint, terms)),
    bump,
    label: (txid, label) => ledger.change((state) => labelled(state, txid, label.trim(), clock.now())),
    labelAddress: (address, label) => {
      const script = toHex(decodeAddress(engine.network, address))
      return ledger.change((state) => addressLabelled(state, keyPathOf(script, state.next), label.trim(), clock.now()))
    },
    addresses: async (limit = ADDRESSES_LIMIT) =>
      addressesOf(await ledger.state(), limit).map((entry) => ({
        ...entry,
        address: encodeAddress(engine.network, keys.at(entry.keyPath).script),
      })),
    descriptors: () =>
      KEY_ACCOUNTS.map((account) => ({ account, descriptor: withChecksum(`wpkh(${keys.watchKey(account)})`) })),
    psbts: openPsbtDesk({ keys, ledger, engine, curve, keyPathOf }),
    history: async (limit = HISTORY_LIMIT) => historyOf(await ledger.state(), limit),
    follow: (signal) => followChain({ ledger, engine, outbox, clock, keyPathOf }, signal),
  }
}

const labelled = (
  state: WalletState,
  txid: string,
  label: string,
  at: number,
): Decision<Refusal<'unknown-transaction' | 'bad-label'> | undefined> => {
  const refuse = (refused: 'unknown-transaction' | 'bad-label', why: string) => ({
    facts: [],
    answer: { refused, why },
  })
  if (label.length > MAX_LABEL_CHARS) return refuse('bad-label', `a label has at most ${MAX_LABEL_CHARS} characters`)
  if (lookUp(state.transactions, txid) === undefined)
    return refuse('unknown-transaction', `${txid} is not of this wallet`)
  const same = (lookUp(state.labels, txid) ?? '') === label
  return { facts: same ? [] : [{ type: 'wallet.labelled', at, txid, label }], answer: undefined }
}

const addressLabelled = (
  state: WalletState,
  keyPath: KeyPath | undefined,
  label: string,
  at: number,
): Decision<Refusal<'unknown-address' | 'bad-label'> | undefined> => {
  if (label.length > MAX_LABEL_CHARS)
    return { facts: [], answer: { refused: 'bad-label', why: `a label has at most ${MAX_LABEL_CHARS} characters` } }
  if (keyPath === undefined)
    return { facts: [], answer: { refused: 'unknown-address', why: 'it is no address of this wallet' } }
  const same = (lookUp(state.addressLabels, pathKey(keyPath)) ?? '') === label
  return { facts: same ? [] : [{ type: 'wallet.address-labelled', at, keyPath, label }], answer: undefined }
}

const sentBefore = (state: WalletState, reference: string): Committed | undefined => {
  const txid = lookUp(state.paid, reference)
  const known = txid === undefined ? undefined : lookUp(state.transactions, txid)
  if (txid === undefined || known?.sent === undefined) return undefined
  const tx = decodeTransaction(fromHex(known.sent.raw))
  return { sent: { txid, tx, fee: known.sent.fee, dropped: known.dropped }, chain: [], again: true }
}
