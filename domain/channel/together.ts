import { equal } from '../bytes.ts'
import { encodeTransaction, virtualSize } from '../chain/codec.ts'
import type { Curve } from '../chain/curve.ts'
import { dustOf } from '../chain/dust.ts'
import { SIGHASH, witnessV0Digest } from '../chain/sighash.ts'
import type { OutPoint, Transaction, TxOutput } from '../chain/transaction.ts'
import { Fault } from '../fault.ts'
import { type ChannelParams, fundingOutput, fundingScript } from './script.ts'
import { CLOSE_SEQUENCE, EMPTY, feeOf, inputOf, LONGEST_SIGNATURE, signatureOf, TOGETHER, VERSION } from './spend.ts'
import { notWorth } from './transaction.ts'

/** A channel and where it is funded. */
export type Funded = { readonly params: ChannelParams; readonly funding: OutPoint }

/** The fee rates that both sides of a plain close know as its bounds, sats per virtual byte; it comes out of the provider's share. */
export const PLAIN_CLOSE_FEE_RATES = { least: 1, most: 1_000 } as const

export type CooperativeClose = {
  /** All channels of one lease, in order; the scripts of the first get the shares. */
  readonly channels: readonly Funded[]
  /** What the provider gets over all of them, before the fee, sats; 0 gives everything back. */
  readonly paid: bigint
  /** Out of whose share the fee comes. */
  readonly feeFrom: 'publisher' | 'provider'
  readonly feeRateSatsPerVb: number
}

/**
 * A close that both sides sign whole, unsigned: it needs no voucher, so a channel over which nothing was paid gives its coins back
 * before expiry. A share that would be dust is left out and goes to the fee.
 *
 * @throws RangeError when `paid` is below zero or above the capacity
 * @throws Fault `channel.not-worth-closing` when the share that bears the fee cannot, or nothing is left
 */
export const cooperativeClose = ({ feeRateSatsPerVb, ...division }: CooperativeClose): Transaction => {
  // Without a fee no share is dropped for it, so this is the largest that it can be.
  const tx = divided(division, feeOf(divided(division, 0n), feeRateSatsPerVb))
  if (tx.outputs.length === 0) throw notWorth('channel.not-worth-closing', 0n)
  return tx
}

const capacityOf = (channels: readonly Funded[]): bigint =>
  channels.reduce((sum, { params }) => sum + params.capacity, 0n)

const divided = ({ channels, paid, feeFrom }: Omit<CooperativeClose, 'feeRateSatsPerVb'>, fee: bigint): Transaction => {
  const [first] = channels
  const capacity = capacityOf(channels)
  if (first === undefined || paid < 0n || paid > capacity) throw new RangeError(`cannot pay ${paid} of ${capacity}`)
  const back = capacity - paid - (feeFrom === 'publisher' ? fee : 0n)
  const payout = paid - (feeFrom === 'provider' ? fee : 0n)
  if (back < 0n || payout < 0n) throw notWorth('channel.not-worth-closing', back < 0n ? back : payout)
  const shares: TxOutput[] = [
    { value: back, script: first.params.publisherScript },
    { value: payout, script: first.params.providerScript },
  ]
  const outputs = shares.filter(({ value, script }) => value >= dustOf(script))
  const inputs = channels.map(({ params, funding }) => bothSign(params, funding))
  return { version: VERSION, inputs, outputs, lockTime: 0 }
}

/**
 * What is wrong with a plain close that the provider proposes; undefined when the publisher may sign it: it spends exactly these
 * channels, gives back all that was not paid, and its fee rate is within `PLAIN_CLOSE_FEE_RATES`.
 */
export const closeProblem = (
  tx: Transaction,
  { channels, paid }: Pick<CooperativeClose, 'channels' | 'paid'>,
): { readonly code: 'close-differs' | 'close-fee'; readonly why: string } | undefined => {
  const back = capacityOf(channels) - paid
  const returned = channels[0] !== undefined && back >= dustOf(channels[0].params.publisherScript) ? back : 0n
  const fee = paid + returned - tx.outputs.reduce((sum, { value }) => sum + value, 0n)
  if (fee < 0n || fee > paid) return { code: 'close-differs', why: `a fee of ${fee} sats of ${paid} that were paid` }
  let expected: Transaction
  try {
    expected = divided({ channels, paid, feeFrom: 'provider' }, fee)
  } catch (error) {
    return { code: 'close-differs', why: error instanceof Error ? error.message : 'it divides what is not there' }
  }
  if (!equal(encodeTransaction(bare(expected)), encodeTransaction(bare(tx))))
    return { code: 'close-differs', why: 'it is not what was paid and what is left' }
  const rate = Number(fee) / virtualSize(expected)
  const { least, most } = PLAIN_CLOSE_FEE_RATES
  return rate < least || rate > most ? { code: 'close-fee', why: `${rate.toFixed(2)} sat/vB` } : undefined
}

/** Without anything that is signed later: what both sides tell a plain close by. */
export const bare = (tx: Transaction): Transaction => ({
  ...tx,
  inputs: tx.inputs.map((input) => ({ ...input, witness: [] })),
})

export type TopUp = Funded & {
  /** The channel as it goes on: what was paid over it so far still counts, so its vouchers start there. */
  readonly next: ChannelParams
  /** The publisher's coins that make up the difference and the fee; P2WPKH. */
  readonly coins: readonly (OutPoint & { readonly value: bigint })[]
  readonly changeScript: Uint8Array
  readonly feeRateSatsPerVb: number
}

/**
 * Moves a channel into a larger one, unsigned: input 0 is the old funding, output 0 the new. Until it is in a block the old vouchers
 * stay good, so the provider signs it once it holds a voucher over the new funding for no less than the newest it has.
 *
 * @throws RangeError when the new channel is smaller than the old
 * @throws Fault `channel.not-worth-topping-up` when the coins do not bear it
 */
export const topUp = ({ params, funding, next, coins, changeScript, feeRateSatsPerVb }: TopUp): Transaction => {
  if (next.capacity < params.capacity) throw new RangeError(`${next.capacity} is below ${params.capacity}`)
  const draft = (change: bigint): Transaction => ({
    version: VERSION,
    inputs: [
      bothSign(params, funding),
      ...coins.map((coin) => inputOf(coin, CLOSE_SEQUENCE, [LONGEST_SIGNATURE, params.publisherKey])),
    ],
    outputs: [fundingOutput(next), ...(change === 0n ? [] : [{ value: change, script: changeScript }])],
    lockTime: 0,
  })
  const left = coins.reduce((sum, { value }) => sum + value, 0n) - (next.capacity - params.capacity)
  const change = left - feeOf(draft(left), feeRateSatsPerVb)
  if (change >= dustOf(changeScript)) return draft(change)
  if (left < feeOf(draft(0n), feeRateSatsPerVb)) throw notWorth('channel.not-worth-topping-up', change)
  return draft(0n)
}

/** One side's signature under all of `tx`, whose input `index` spends the channel; 64 bytes, compact. */
export const signTogether = (
  tx: Transaction,
  index: number,
  params: ChannelParams,
  secret: Uint8Array,
  curve: Curve,
): Uint8Array => curve.signEcdsa(digestOf(tx, index, params), secret)

/**
 * Puts both signatures in their place.
 *
 * @throws Fault `channel.bad-signature` when one is not its side's under this very transaction
 */
export const joinTogether = (
  tx: Transaction,
  index: number,
  params: ChannelParams,
  signatures: { readonly publisher: Uint8Array; readonly provider: Uint8Array },
  curve: Curve,
): Transaction => {
  const digest = digestOf(tx, index, params)
  for (const side of ['publisher', 'provider'] as const) {
    const signature = signatures[side]
    if (signature.length === 64 && curve.verifyEcdsa(signature, digest, params[`${side}Key`])) continue
    throw new Fault('channel.bad-signature', `the ${side} did not sign this transaction`, {
      culprit: side,
      next: 'Close with the newest voucher instead.',
    })
  }
  const witness = [
    EMPTY,
    signatureOf(signatures.publisher, SIGHASH.ALL),
    signatureOf(signatures.provider, SIGHASH.ALL),
    TOGETHER,
    fundingScript(params),
  ]
  return { ...tx, inputs: tx.inputs.map((input, at) => (at === index ? { ...input, witness } : input)) }
}

const bothSign = (params: ChannelParams, funding: OutPoint) =>
  inputOf(funding, CLOSE_SEQUENCE, [EMPTY, LONGEST_SIGNATURE, LONGEST_SIGNATURE, TOGETHER, fundingScript(params)])

const digestOf = (tx: Transaction, index: number, params: ChannelParams): Uint8Array =>
  witnessV0Digest(tx, index, fundingScript(params), params.capacity, SIGHASH.ALL)
