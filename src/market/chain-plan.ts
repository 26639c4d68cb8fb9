import { announcement } from '../../domain/announcement/announcement.ts'
import { announcementIn } from '../../domain/announcement/on-chain.ts'
import { BOND_VOUT } from '../../domain/announcement/record.ts'
import { toHex } from '../../domain/bytes.ts'
import type { OutPoint, Transaction } from '../../domain/chain/transaction.ts'
import { spendKind } from '../../domain/channel/script.ts'
import { inSequence } from '../../domain/decider.ts'
import { announcementStream, channelStream, leaseStream, legOf } from '../../domain/ids.ts'
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
    }
    spent(plan, known, one, at, height)
    for (const id of known.fundedBy(one.txid)) add(plan, channelStream(id), channelRules, { kind: 'open', at, height })
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
      const id = known.funding(input)
      if (id) add(plan, channelStream(id), channelRules, { kind: 'reopen', at })
    }
    if (known.announces(txid)) add(plan, announcementStream(txid), announcementRules, { kind: 'unconfirm', at, height })
    for (const id of known.fundedBy(txid)) add(plan, channelStream(id), channelRules, { kind: 'unopen', at })
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

/** What a transaction in a block spends of channels: one may spend several of a lease, and those of several leases. */
const spent = (plan: Plan, known: Known, { tx, txid }: Identified, at: number, height: number): void => {
  const closed = new Map<string, { legs: number[]; returned: { sats: bigint; script: string }[] }>()
  for (const [index, input] of tx.inputs.entries()) {
    const id = known.funding(input)
    if (id === undefined) continue
    const { leaseId, leg } = legOf(id)
    if (spendKind(tx, input) === 'refund') {
      add(plan, channelStream(id), channelRules, { kind: 'refunded', at, txid, height })
      add(plan, leaseStream(leaseId), leaseRules, { kind: 'refund', at, txid, height, legs: [leg] })
      continue
    }
    add(plan, channelStream(id), channelRules, { kind: 'closed', at, txid, height })
    const close = closed.get(leaseId) ?? { legs: [], returned: [] }
    closed.set(leaseId, close)
    close.legs.push(leg)
    const output = tx.outputs[index]
    if (output) close.returned.push({ sats: output.value, script: toHex(output.script) })
  }
  for (const [leaseId, { legs, returned }] of closed)
    add(plan, leaseStream(leaseId), leaseRules, { kind: 'settle', at, txid, height, returned, legs })
}
