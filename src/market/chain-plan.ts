import { announcement } from '../../domain/announcement/announcement.ts'
import { announcementIn } from '../../domain/announcement/on-chain.ts'
import { BOND_VOUT } from '../../domain/announcement/record.ts'
import { toHex } from '../../domain/bytes.ts'
import type { OutPoint, Transaction, TxInput } from '../../domain/chain/transaction.ts'
import { spendKind } from '../../domain/channel/script.ts'
import { inSequence } from '../../domain/decider.ts'
import { announcementStream, channelStream, leaseStream } from '../../domain/ids.ts'
import type { Streams } from '../journal/streams.ts'
import { channelRules, leaseRules } from '../lease/ledger.ts'
import type { WatchedThings } from './watched-things.ts'

/** Every writer of announcements uses these, so that folded states are shared. */
export const announcementRules = inSequence(announcement)

export type Rules = Parameters<Streams['transact']>[0][number]['decider']
/** By stream, what the chain says to it, in order. */
export type Plan = Map<string, { readonly decider: Rules; readonly commands: object[] }>

/** A transaction and its id, which is a hash that is not to be made twice. */
export type Identified = { readonly tx: Transaction; readonly txid: string }

/** What of the log concerns this node: see `WatchedThings`. */
export type Known = Pick<WatchedThings, 'bond' | 'announces' | 'funding' | 'fundedBy'> & {
  readonly standing: ReadonlyMap<string, number>
  expiredAt(height: number): readonly string[]
  withdrawnBy(txid: string): readonly string[]
}

/**
 * What a block that joined the chain means to this node. `undonePlan` of the same block is its inverse: what this one makes happen to
 * announcements and channels, that one takes back, and leaves both as they were.
 */
export const blockPlan = (known: Known, transactions: readonly Identified[], at: number, height: number): Plan => {
  const plan: Plan = new Map()
  const fresh = new Set<string>()
  for (const one of transactions) {
    announced(plan, fresh, one, at, height)
    for (const input of one.tx.inputs) {
      const bond = bondOf(known, fresh, input)
      if (bond !== undefined)
        add(plan, announcementStream(bond), announcementRules, { kind: 'withdraw', at, by: one.txid, height })
      const leaseId = known.funding(input)
      if (leaseId) spent(plan, leaseId, one, input, at, height)
    }
    for (const leaseId of known.fundedBy(one.txid))
      add(plan, channelStream(leaseId), channelRules, { kind: 'open', at, height })
  }
  for (const [txid, expiryHeight] of known.standing)
    if (height >= expiryHeight) add(plan, announcementStream(txid), announcementRules, { kind: 'expire', at, height })
  return plan
}

/** The inverse of a block. */
export const undonePlan = (known: Known, transactions: readonly Identified[], at: number, height: number): Plan => {
  const plan: Plan = new Map()
  for (const txid of known.expiredAt(height))
    add(plan, announcementStream(txid), announcementRules, { kind: 'unexpire', at, height })
  // Last first: a spend is taken back before what it spends.
  for (const { tx, txid } of [...transactions].reverse()) {
    for (const input of tx.inputs) {
      const bond = known.bond(input)
      if (bond) add(plan, announcementStream(bond), announcementRules, { kind: 'restore', at, height })
      const leaseId = known.funding(input)
      if (leaseId) add(plan, channelStream(leaseId), channelRules, { kind: 'reopen', at })
    }
    if (known.announces(txid)) add(plan, announcementStream(txid), announcementRules, { kind: 'unconfirm', at, height })
    for (const leaseId of known.fundedBy(txid)) add(plan, channelStream(leaseId), channelRules, { kind: 'unopen', at })
  }
  return plan
}

/** What a transaction of the mempool means. */
export const enteredPlan = (known: Known, one: Identified, at: number): Plan => {
  const plan: Plan = new Map()
  announced(plan, new Set(), one, at, undefined)
  for (const input of one.tx.inputs) {
    const bond = known.bond(input)
    if (bond) add(plan, announcementStream(bond), announcementRules, { kind: 'withdraw', at, by: one.txid })
  }
  return plan
}

/** What it means that one left the mempool, and no block took it. */
export const leftPlan = (known: Known, txid: string, at: number): Plan => {
  const plan: Plan = new Map()
  for (const bond of known.withdrawnBy(txid))
    add(plan, announcementStream(bond), announcementRules, { kind: 'restore', at })
  if (known.announces(txid)) add(plan, announcementStream(txid), announcementRules, { kind: 'unsee', at })
  return plan
}

export const add = (plan: Plan, stream: string, decider: unknown, command: object): void => {
  const planned = plan.get(stream)
  if (planned) planned.commands.push(command)
  else plan.set(stream, { decider: decider as Rules, commands: [command] })
}

/** @param fresh announcements of this block: the log does not know them yet */
const announced = (
  plan: Plan,
  fresh: Set<string>,
  { tx, txid }: Identified,
  at: number,
  height: number | undefined,
): void => {
  const found = announcementIn(tx)
  if (!found) return
  fresh.add(txid)
  const placed = height === undefined ? {} : { height }
  add(plan, announcementStream(txid), announcementRules, { kind: 'see', at, txid, ...found, ...placed })
  if (height !== undefined) add(plan, announcementStream(txid), announcementRules, { kind: 'confirm', at, height })
}

const bondOf = (known: Known, fresh: ReadonlySet<string>, { txid, vout }: OutPoint): string | undefined =>
  known.bond({ txid, vout }) ?? (vout === BOND_VOUT && fresh.has(txid) ? txid : undefined)

const spent = (
  plan: Plan,
  leaseId: string,
  { tx, txid }: Identified,
  input: TxInput,
  at: number,
  height: number,
): void => {
  if (spendKind(tx, input) === 'refund') {
    add(plan, channelStream(leaseId), channelRules, { kind: 'refunded', at, txid, height })
    add(plan, leaseStream(leaseId), leaseRules, { kind: 'refund', at, txid, height })
    return
  }
  const returned = tx.outputs[tx.inputs.indexOf(input)]
  add(plan, channelStream(leaseId), channelRules, { kind: 'closed', at, txid, height })
  add(plan, leaseStream(leaseId), leaseRules, {
    kind: 'settle',
    at,
    txid,
    height,
    returned: returned && { sats: returned.value, script: toHex(returned.script) },
  })
}
