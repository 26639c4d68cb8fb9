import { equal, fromHex, toHex } from '../bytes.ts'
import { decodeTransaction, transactionId } from '../chain/codec.ts'
import type { Curve } from '../chain/curve.ts'
import { DecodeError } from '../chain/decode-error.ts'
import { dustOf } from '../chain/dust.ts'
import type { Transaction, TxOutput } from '../chain/transaction.ts'
import { verifyInput } from '../chain/verify-input.ts'
import type { ChannelTerms } from '../channel/facts.ts'
import { spread } from '../channel/legs.ts'
import { type ChannelParams, fundingOutput, paramsOf, spendKind } from '../channel/script.ts'
import { verifyVoucher } from '../channel/transaction.ts'
import { encode } from '../codec.ts'
import { absent, type Check, checked, said } from './check.ts'
import type { ReceiptChannel, ReceiptFile } from './receipt-file.ts'

/** What the file says of the money: where it was locked, what it promises, and who got it. */
export const channelChecks = (file: ReceiptFile, curve: Curve): Check[] => {
  const { receipt, agreed, channels } = file
  const points = [receipt.funding, ...(receipt.topUps ?? [])]
  const isComplete = points.length === channels.length
  const shares = spread(
    receipt.paidSats,
    channels.map(({ terms }) => terms.capacitySats),
  )
  const legs = channels.map((channel, leg) => ({ channel, share: shares[leg] ?? 0n, name: nameOf(leg) }))
  return [
    checked('channels', isComplete, said(isComplete, points.length, channels.length)),
    ...legs.flatMap(({ channel, share, name }, leg) => [
      fundingCheck(channel, points[leg], leg === 0 ? agreed?.terms.channel : channels[0]?.terms, leg, name),
      voucherCheck(channel, share, curve, name),
    ]),
    ...closeChecks(legs, curve),
  ]
}

type Leg = { readonly channel: ReceiptChannel; readonly share: bigint; readonly name: string }

const nameOf = (leg: number): string => (leg === 0 ? '' : ` of top-up ${leg}`)

const transactionOf = (raw: string): Transaction | undefined => {
  try {
    return decodeTransaction(fromHex(raw))
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

/** @param agreed what the channel's terms must be; of a top-up: whose scripts they must have */
const fundingCheck = (
  { terms, funding }: ReceiptChannel,
  point: string | undefined,
  agreed: ChannelTerms | undefined,
  leg: number,
  name: string,
): Check => {
  const check = `funding${name}`
  const at = `${funding.txid}:${funding.vout}`
  if (at !== point) return checked(check, false, said(false, point ?? 'none', at))
  if (agreed !== undefined && (leg === 0 ? encode(terms) !== encode(agreed) : !sameScripts(terms, agreed)))
    return checked(check, false, 'expected a channel as it was agreed, it has other terms')
  const tx = transactionOf(funding.raw)
  if (tx === undefined || transactionId(tx) !== funding.txid)
    return checked(check, false, `expected transaction ${funding.txid}, the bytes are not it`)
  const [there, wanted] = [tx.outputs[funding.vout], fundingOutput(paramsOf(terms))]
  const isOk = there !== undefined && there.value === wanted.value && equal(there.script, wanted.script)
  const shown = (output: TxOutput | undefined) => (output ? `${output.value} sats to ${toHex(output.script)}` : 'none')
  return checked(check, isOk, isOk ? `${wanted.value} sats locked at ${at}` : said(false, shown(wanted), shown(there)))
}

const sameScripts = (a: ChannelTerms, b: ChannelTerms): boolean =>
  a.publisherScript === b.publisherScript && a.providerScript === b.providerScript

const voucherCheck = (
  { terms, funding, voucher }: ReceiptChannel,
  share: bigint,
  curve: Curve,
  name: string,
): Check => {
  const check = `voucher${name}`
  if (share === 0n) return checked(check, true, 'nothing was paid over this channel: there need be none')
  if (voucher === undefined) return absent(check, 'its signature is not in the file')
  if (voucher.paid !== share) return checked(check, false, said(false, `${share} sats`, `${voucher.paid} sats`))
  const signature = fromHex(voucher.signature)
  const isOk = verifyVoucher({ params: paramsOf(terms), funding, paid: share, curve, signature })
  return checked(
    check,
    isOk,
    isOk ? `${share} sats` : `expected the publisher’s signature for ${share} sats, it is not one`,
  )
}

/** One answer for each transaction that spends channels of the lease. */
const closeChecks = (legs: readonly Leg[], curve: Curve): Check[] => {
  const open = legs.filter(({ channel }) => channel.spend === undefined)
  const txids = new Set(legs.flatMap(({ channel }) => channel.spend?.txid ?? []))
  return [
    ...open.map(({ share, name }) =>
      share === 0n
        ? checked(`close${name}`, true, 'nothing is to be paid out of it')
        : absent(`close${name}`, `not spent yet: ${share} sats are to come`),
    ),
    ...[...txids].map((txid) =>
      closeCheck(
        txid,
        legs.filter(({ channel }) => channel.spend?.txid === txid),
        curve,
      ),
    ),
  ]
}

const closeCheck = (txid: string, spent: readonly Leg[], curve: Curve): Check => {
  const check = `close${spent.map(({ name }) => name).join('')}`
  const [raw, another] = new Set(spent.flatMap(({ channel }) => channel.spend?.raw ?? []))
  if (raw === undefined) return absent(check, `the bytes of ${txid} are not in the file`)
  const tx = transactionOf(raw)
  if (tx === undefined || transactionId(tx) !== txid)
    return checked(check, false, `expected transaction ${txid}, the bytes are not it`)
  if (another !== undefined) return checked(check, false, `expected one form of ${txid}, there are several`)
  const problem = spendProblem(tx, spent, curve)
  return checked(check, problem === undefined, problem ?? payoutOf(tx, spent))
}

/** Why `tx` does not divide these channels as the receipt says; undefined when it does. */
const spendProblem = (tx: Transaction, spent: readonly Leg[], curve: Curve): string | undefined => {
  const own = new Map<number, Leg & { readonly params: ChannelParams }>()
  for (const leg of spent) {
    const { funding, terms } = leg.channel
    const at = tx.inputs.findIndex(({ txid, vout }) => txid === funding.txid && vout === funding.vout)
    if (at < 0) return `expected a spend of ${funding.txid}:${funding.vout}, it spends something else`
    own.set(at, { ...leg, params: paramsOf(terms) })
  }
  // Digests of version 0 depend on what their own input spends alone.
  const outputs = tx.inputs.map((_, at) => {
    const leg = own.get(at)
    return leg ? fundingOutput(leg.params) : { value: 0n, script: new Uint8Array(0) }
  })
  for (const [at, { channel, share }] of own) {
    const error = verifyInput(tx, at, outputs, curve)
    if (error !== undefined) return `input ${at} may not spend the channel: ${error}`
    if (share > 0n && spendKind(tx, channel.funding) === 'refund')
      return `expected ${share} sats for the provider, the publisher took everything back after the expiry`
  }
  const legs = [...own.entries()]
  if (legs.every(([, { channel }]) => spendKind(tx, channel.funding) === 'refund')) return undefined
  const isLone = tx.inputs.length === legs.length
  return isLone
    ? loneProblem(
        tx,
        legs.map(([, leg]) => leg),
      )
    : batchProblem(tx, legs)
}

type Spent = Leg & { readonly params: ChannelParams }

/** What the publisher gets back of each channel, or of all together in a plain close; dust is left to the provider. */
const loneProblem = (tx: Transaction, legs: readonly Spent[]): string | undefined => {
  const { publisherScript, providerScript } = legs[0]!.params
  const rests = legs.map(({ params, share }) => params.capacity - share)
  const dust = dustOf(publisherScript)
  const worth = (rest: bigint) => (rest < dust ? 0n : rest)
  const wanted = [
    worth(rests.reduce((sum, rest) => sum + rest, 0n)),
    rests.map(worth).reduce((sum, rest) => sum + rest, 0n),
  ]
  const back = sumTo(tx, publisherScript)
  if (!wanted.includes(back)) return said(false, `${wanted[0]} sats back to the publisher`, `${back} sats`)
  const stray = tx.outputs.find(({ script }) => !equal(script, publisherScript) && !equal(script, providerScript))
  return stray && `expected outputs to the two parties, there is one of ${stray.value} sats to ${toHex(stray.script)}`
}

/** Closed with other leases by vouchers: each signs the output at its input’s place; the payout is that of all. */
const batchProblem = (tx: Transaction, legs: readonly (readonly [number, Spent])[]): string | undefined => {
  for (const [at, { params, share }] of legs) {
    const rest = params.capacity - share
    if (rest < dustOf(params.publisherScript)) continue
    const output = tx.outputs[at]
    if (output?.value !== rest || !equal(output.script, params.publisherScript))
      return said(false, `${rest} sats back to the publisher in output ${at}`, `${output?.value ?? 0n} sats`)
  }
  return undefined
}

const sumTo = (tx: Transaction, to: Uint8Array): bigint =>
  tx.outputs.reduce((sum, { value, script }) => (equal(script, to) ? sum + value : sum), 0n)

const payoutOf = (tx: Transaction, spent: readonly Leg[]): string => {
  const { publisherScript, providerScript } = paramsOf(spent[0]!.channel.terms)
  const others = tx.inputs.length - spent.length
  const parts = `${sumTo(tx, providerScript)} sats to the provider, ${sumTo(tx, publisherScript)} back to the publisher`
  return `${parts}${others > 0 ? `, together with ${others} other channels` : ''}: ${transactionId(tx)}`
}
