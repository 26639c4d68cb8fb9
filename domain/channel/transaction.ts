import { writeOutput } from '../chain/codec.ts'
import type { Curve } from '../chain/curve.ts'
import { dustOf } from '../chain/dust.ts'
import { sha256, sha256d } from '../chain/hash.ts'
import { sha256After } from '../chain/sha256.ts'
import { SIGHASH, witnessV0Digest } from '../chain/sighash.ts'
import type { OutPoint, Transaction, TxOutput } from '../chain/transaction.ts'
import { Writer } from '../chain/writer.ts'
import { Fault } from '../fault.ts'
import { type ChannelParams, fundingScript } from './script.ts'
import { CLOSE_SEQUENCE, EMPTY, feeOf, inputOf, LONGEST_SIGNATURE, signatureOf, TOGETHER, VERSION } from './spend.ts'

export type { ChannelParams } from './script.ts'

/** Of a refund: not final, so that its lock time is in force. */
const REFUND_SEQUENCE = 0xfffffffe
const NO_HASH = new Uint8Array(32)
/** Behind the hash of the output and the lock time; of its four bytes only the first is not zero. */
const HASH_TYPE_AT = 36

/** What the publisher gets back when `paid` was paid; undefined when that is dust, and goes to the provider with the rest. */
const publisherOutput = ({ capacity, publisherScript: script }: ChannelParams) => {
  const dust = dustOf(script)
  return (paid: bigint): TxOutput | undefined =>
    capacity - paid < dust ? undefined : { value: capacity - paid, script }
}

/** Covers this input and the output at its index; without one, this input alone. Others may add inputs and outputs in any case. */
const hashTypeOf = (output: TxOutput | undefined): number =>
  (output === undefined ? SIGHASH.NONE : SIGHASH.SINGLE) | SIGHASH.ANYONECANPAY

const isPayable = (params: ChannelParams, paid: bigint): boolean => paid > 0n && paid <= params.capacity

/**
 * The digest that a voucher for `paid` signs (BIP 143). Between ticks only the hash of one output changes, so all before it is
 * hashed once: a tick costs five compressions instead of nine.
 */
const voucherDigests = (params: ChannelParams, funding: OutPoint): ((paid: bigint) => Uint8Array) => {
  const script = fundingScript(params)
  const head = new Writer(320).u32(VERSION).bytes(NO_HASH).bytes(NO_HASH).hash(funding.txid).u32(funding.vout)
  head.sized(script).i64(params.capacity).u32(CLOSE_SEQUENCE)
  const hashed = sha256After(head.done())
  // A voucher's output and the end of what it signs: hash of the output, lock time, hash type. Only numbers in them change.
  const writer = new Writer(64)
  writeOutput(writer, { value: 0n, script: params.publisherScript })
  const outputBytes = writer.done()
  const value = new DataView(outputBytes.buffer)
  const tail = new Writer(40).bytes(NO_HASH).u32(0).u32(0).done()
  const outputFor = publisherOutput(params)
  return (paid) => {
    const output = outputFor(paid)
    if (output === undefined) tail.set(NO_HASH)
    else {
      value.setBigInt64(0, output.value, true)
      tail.set(sha256d(outputBytes))
    }
    tail[HASH_TYPE_AT] = hashTypeOf(output)
    return sha256(hashed(tail))
  }
}

/**
 * Signs vouchers of one channel. Make it once per channel.
 *
 * @returns `paid` is the whole sum so far, in sats; 64 bytes, compact
 * @throws RangeError (from the signer) when `paid` is not above zero, or above the capacity
 */
export const voucherSigner = (
  params: ChannelParams,
  funding: OutPoint,
  curve: Curve,
): ((paid: bigint, publisherSecret: Uint8Array) => Uint8Array) => {
  const digestOf = voucherDigests(params, funding)
  return (paid, publisherSecret) => {
    if (!isPayable(params, paid)) throw new RangeError(`cannot pay ${paid} of ${params.capacity}`)
    return curve.signEcdsa(digestOf(paid), publisherSecret)
  }
}

/** Checks vouchers of one channel; never throws on bad ones. Make it once per channel. That `paid` rises is for the caller. */
export const voucherVerifier = (
  params: ChannelParams,
  funding: OutPoint,
  curve: Curve,
): ((paid: bigint, signature: Uint8Array) => boolean) => {
  const digestOf = voucherDigests(params, funding)
  return (paid, signature) =>
    isPayable(params, paid) &&
    signature.length === 64 &&
    curve.verifyEcdsa(signature, digestOf(paid), params.publisherKey)
}

export type VoucherInput = {
  readonly params: ChannelParams
  readonly funding: OutPoint
  /** The whole sum so far, in sats. */
  readonly paid: bigint
  readonly curve: Curve
}

/**
 * The publisher's promise: "this input, and the output at my index returns `capacity − paid` to me". With the provider's own
 * signature it closes the channel. Where the rest would be dust it asks for no output.
 *
 * @returns 64 bytes, compact
 */
export const signVoucher = (input: VoucherInput & { readonly publisherSecret: Uint8Array }): Uint8Array =>
  voucherSigner(input.params, input.funding, input.curve)(input.paid, input.publisherSecret)

export const verifyVoucher = (input: VoucherInput & { readonly signature: Uint8Array }): boolean =>
  voucherVerifier(input.params, input.funding, input.curve)(input.paid, input.signature)

export type ClosingChannel = {
  readonly params: ChannelParams
  readonly funding: OutPoint
  readonly paid: bigint
  /** The newest voucher, 64 bytes. */
  readonly publisherSig: Uint8Array
  readonly providerSecret: Uint8Array
}

export type CloseInput = {
  readonly channels: readonly ClosingChannel[]
  readonly feeRateSatsPerVb: number
  readonly payoutScript: Uint8Array
  readonly curve: Curve
}

/**
 * Closes channels by their newest vouchers, all in one transaction. Each publisher's output is at the index of its channel's
 * input (that is what it signed); channels without one come after, then the provider's payout, out of which the fee is paid.
 *
 * @throws Fault `channel.not-worth-closing` when what is left after the fee is dust
 * @throws Fault `channel.bad-voucher` when a voucher is not valid
 */
export const closeTransaction = ({ channels, feeRateSatsPerVb, payoutScript, curve }: CloseInput): Transaction => {
  if (channels.length === 0) throw new RangeError('no channel to close')
  for (const { params, funding, paid, publisherSig } of channels) {
    if (!voucherVerifier(params, funding, curve)(paid, publisherSig)) throw badVoucher(funding)
  }
  const returns = (channel: ClosingChannel): TxOutput | undefined => publisherOutput(channel.params)(channel.paid)
  const ordered = [
    ...channels.filter((channel) => returns(channel) !== undefined),
    ...channels.filter((channel) => returns(channel) === undefined),
  ]
  const kept = ordered.map(returns).filter((output) => output !== undefined)
  const scripts = ordered.map(({ params }) => fundingScript(params))
  const draft = (payout: bigint): Transaction => ({
    version: VERSION,
    inputs: ordered.map(({ funding }, i) =>
      inputOf(funding, CLOSE_SEQUENCE, [EMPTY, LONGEST_SIGNATURE, LONGEST_SIGNATURE, TOGETHER, scripts[i] ?? EMPTY]),
    ),
    outputs: [...kept, { value: payout, script: payoutScript }],
    lockTime: 0,
  })
  const capacity = ordered.reduce((sum, { params }) => sum + params.capacity, 0n)
  const returned = kept.reduce((sum, output) => sum + output.value, 0n)
  const payout = capacity - returned - feeOf(draft(0n), feeRateSatsPerVb)
  if (payout < dustOf(payoutScript)) throw notWorth('channel.not-worth-closing', payout)

  const tx = draft(payout)
  const cache = {}
  return {
    ...tx,
    inputs: tx.inputs.map((input, i) => {
      const { params, providerSecret, publisherSig } = ordered[i] as ClosingChannel
      const script = scripts[i] as Uint8Array
      const digest = witnessV0Digest(tx, i, script, params.capacity, SIGHASH.ALL, cache)
      const theirs = signatureOf(publisherSig, hashTypeOf(returns(ordered[i] as ClosingChannel)))
      const own = signatureOf(curve.signEcdsa(digest, providerSecret), SIGHASH.ALL)
      return { ...input, witness: [EMPTY, theirs, own, TOGETHER, script] }
    }),
  }
}

export type RefundInput = {
  readonly params: ChannelParams
  readonly funding: OutPoint
  readonly publisherSecret: Uint8Array
  readonly feeRateSatsPerVb: number
  readonly curve: Curve
}

/**
 * Takes everything back after expiry: may stand in a block above `expiryHeight`, not before.
 *
 * @throws Fault `channel.not-worth-refunding` when what is left after the fee is dust
 */
export const refundTransaction = (input: RefundInput): Transaction => {
  const { params, funding, publisherSecret, feeRateSatsPerVb, curve } = input
  const script = fundingScript(params)
  const draft = (value: bigint): Transaction => ({
    version: VERSION,
    inputs: [inputOf(funding, REFUND_SEQUENCE, [LONGEST_SIGNATURE, EMPTY, script])],
    outputs: [{ value, script: params.publisherScript }],
    lockTime: params.expiryHeight,
  })
  const value = params.capacity - feeOf(draft(0n), feeRateSatsPerVb)
  if (value < dustOf(params.publisherScript)) throw notWorth('channel.not-worth-refunding', value)
  const tx = draft(value)
  const digest = witnessV0Digest(tx, 0, script, params.capacity, SIGHASH.ALL)
  const signature = signatureOf(curve.signEcdsa(digest, publisherSecret), SIGHASH.ALL)
  return { ...tx, inputs: [inputOf(funding, REFUND_SEQUENCE, [signature, EMPTY, script])] }
}

const badVoucher = ({ txid, vout }: OutPoint): Fault =>
  new Fault('channel.bad-voucher', `the voucher for ${txid}:${vout} is not signed by its publisher`, {
    culprit: 'publisher',
    next: 'Close with the newest voucher that was checked.',
  })

export const notWorth = (code: string, left: bigint): Fault =>
  new Fault(code, `after the fee ${left} sats would be left, which no node relays`, {
    culprit: 'chain',
    next: 'Wait for lower fees, or close it together with other channels.',
  })
