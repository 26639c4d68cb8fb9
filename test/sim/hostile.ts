import { fromHex, toHex } from '../../domain/bytes.ts'
import type { Curve } from '../../domain/chain/curve.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import { paramsOf } from '../../domain/channel/script.ts'
import { closeTransaction } from '../../domain/channel/transaction.ts'
import { decode, encodeBytes } from '../../domain/codec.ts'
import type { Message, MessageOf } from '../../src/lease/messages.ts'
import { signReceipt } from '../../src/lease/party.ts'
import type { Keys } from '../../src/wallet/keys.ts'
import type { Chain } from './chain.ts'
import { disturbing } from './disturbing.ts'
import { doubleSpends } from './double-spend.ts'
import type { Twist } from './network.ts'
import { ANYBODYS, type Hostility, type NodeName, type Plan } from './plan.ts'
import type { Timeline } from './timeline.ts'
import type { Truth } from './truth.ts'

/** What a node that breaks the rules does to what its honest code says, to other nodes and to the chain. */
export type Hostile = { readonly twist: Twist; readonly given?: (tx: Transaction) => Transaction }

type Parts = {
  readonly keys: Keys
  readonly curve: Curve
  readonly truth: Truth
  readonly chain: Chain
  readonly timeline: Timeline
}

export const hostilityFor = (plan: Plan, node: NodeName, parts: Parts): Hostile | undefined => {
  const found = plan.hostile.find((one) => one.node === node)
  if (!found) return undefined
  const twist = twistOf(found, parts)
  if (found.kind === 'closes-old') return { twist, given: (tx) => oldClose(node, tx, parts) ?? tx }
  return found.kind === 'double-spends' ? { twist, given: doubleSpends(found.after, parts) } : { twist }
}

const twistOf = ({ kind, after }: Hostility, parts: Parts): Twist => {
  if (isOneOf(ANYBODYS, kind)) return disturbing(kind, after)
  const change = changes(kind, after, parts)
  return (frame) => {
    const message = decode(Buffer.from(frame).toString()) as Message
    return change(message).map((one) => (one === message ? frame : encodeBytes(one)))
  }
}

const isOneOf = <T extends string>(list: readonly T[], one: string): one is T =>
  (list as readonly string[]).includes(one)

type Own = Exclude<Hostility['kind'], (typeof ANYBODYS)[number]>

const changes = (kind: Own, after: number, parts: Parts): ((message: Message) => readonly Message[]) => {
  switch (kind) {
    case 'signs-no-more':
      return (message) => (message.type === 'voucher' && message.tick > after ? [] : [message])
    case 'never-serves':
      return (message) => (['tick', 'end', 'receipt'].includes(message.type) ? [] : [message])
    case 'over-bills':
      return (message) => (message.type === 'tick' && message.tick > after ? [overBilled(message)] : [message])
    case 'names-false-ends':
      return (message) => (message.type === 'tick' && message.tick > after ? [falseEnd(message, after)] : [message])
    case 'lies-in-receipt':
      return (message) => (message.type === 'receipt' ? [lied(message, parts)] : [message])
    case 'closes-old':
    case 'double-spends':
      return (message) => [message]
  }
}

const overBilled = (tick: MessageOf<'tick'>): MessageOf<'tick'> => ({
  ...tick,
  usage: { ...tick.usage, wallUs: tick.usage.wallUs + 60_000_000n },
})

const FALSE_ENDS = ['duration-reached', 'capacity-used', 'paused-too-long'] as const

const falseEnd = ({ tick, usage }: MessageOf<'tick'>, after: number): MessageOf<'end'> => ({
  type: 'end',
  code: FALSE_ENDS[after % FALSE_ENDS.length]!,
  why: 'it says so',
  tick,
  usage,
})

/** It says, and signs, that more was paid. */
const lied = ({ receipt, ...message }: MessageOf<'receipt'>, { keys, curve }: Parts): MessageOf<'receipt'> => {
  const changed = { ...receipt, paidSats: receipt.paidSats + 1n }
  const random = { bytes: (count: number) => new Uint8Array(count) }
  return { ...message, receipt: changed, signature: signReceipt({ keys, curve, random } as never, changed) }
}

const OLD_FEE_RATE = 2
/** Keys of channels that are looked through for a lease's. */
const CHANNELS = 64

/** The same close by the first voucher, which gives more back to the publisher than it has to. */
const oldClose = (node: NodeName, tx: Transaction, { keys, curve, truth }: Parts): Transaction | undefined => {
  for (const account of truth.all()) {
    const { terms, funding } = account.channels.get(0)?.context ?? {}
    if (account.node !== node || !terms || !funding || !account.opening) continue
    if (!tx.inputs.some(({ txid, vout }) => txid === funding.txid && vout === funding.vout)) continue
    const key = Array.from({ length: CHANNELS }, (_, i) => keys.channel(i)).find(
      ({ publicKey }) => toHex(publicKey) === terms.providerKey,
    )
    const { paid, signature } = account.opening
    return closeTransaction({
      channels: [
        { params: paramsOf(terms), funding, paid, publisherSig: fromHex(signature), providerSecret: key!.secret },
      ],
      feeRateSatsPerVb: OLD_FEE_RATE,
      payoutScript: fromHex(terms.providerScript),
      curve,
    })
  }
  return undefined
}
