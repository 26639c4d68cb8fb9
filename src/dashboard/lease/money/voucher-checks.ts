import { fromHex } from '../../../../domain/bytes.ts'
import type { Curve } from '../../../../domain/chain/curve.ts'
import { spread } from '../../../../domain/channel/legs.ts'
import { paramsOf } from '../../../../domain/channel/script.ts'
import { verifyVoucher } from '../../../../domain/channel/transaction.ts'
import { type Check, checked, said } from '../../../../domain/lease/check.ts'
import type { LeaseContext } from '../../../../domain/lease/context.ts'
import { capacitiesOf } from '../../../../domain/lease/legs.ts'

/** A voucher and its channel as the node tells them. */
export type ToldVoucher = {
  readonly leg: number
  readonly paidSats: string
  readonly signature: string
  readonly channel: {
    readonly publisherKey: string
    readonly providerKey: string
    readonly capacitySats: string
    readonly expiryHeight: number
    readonly fundingTxid: string | null
    readonly fundingVout: number | null
  } | null
}

/**
 * Whether a voucher is what the lease's own facts say that it must be. The signature is checked by the domain's code, over the transaction
 * that would close the channel.
 *
 * @param lease what the facts add up to
 * @param paidSats of the payment that it is a part of, in all
 */
export const voucherChecks = (
  { leg, signature, channel, ...voucher }: ToldVoucher,
  lease: LeaseContext,
  paidSats: bigint,
  curve: Curve,
): readonly Check[] => {
  const { terms, topUps, funding } = lease
  if (terms === undefined || funding === undefined || channel === null)
    return [checked('channel', false, 'the lease has none')]
  const paid = BigInt(voucher.paidSats)
  // Legs are numbered as they were asked for, and stand in the order in which they were funded.
  const place = leg === 0 ? 0 : topUps.findIndex((topUp) => topUp.leg === leg) + 1
  const point = leg === 0 ? funding : topUps[place - 1]
  const share = spread(paidSats, capacitiesOf(terms, topUps))[place]
  const { publisherScript, providerScript } = terms.channel
  const agreed = {
    publisherKey: channel.publisherKey,
    providerKey: channel.providerKey,
    expiryHeight: channel.expiryHeight,
    capacitySats: BigInt(channel.capacitySats),
    publisherScript,
    providerScript,
  }
  const isAgreed =
    leg !== 0 || (Object.keys(agreed) as (keyof typeof agreed)[]).every((key) => agreed[key] === terms.channel[key])
  const isFunded = point !== undefined && point.txid === channel.fundingTxid && point.vout === channel.fundingVout
  const isSigned =
    isFunded && verifyVoucher({ params: paramsOf(agreed), funding: point, paid, curve, signature: fromHex(signature) })
  return [
    checked(
      'channel',
      isAgreed,
      isAgreed ? 'its keys, capacity and expiry are those of the terms' : 'not that of the terms',
    ),
    checked(
      'funding',
      isFunded,
      isFunded
        ? `${point.txid}:${point.vout}`
        : said(false, point && `${point.txid}:${point.vout}`, channel.fundingTxid),
    ),
    checked('sum', share === paid, said(share === paid, `${share} sats`, `${paid} sats`)),
    checked(
      'signature',
      isSigned,
      isSigned
        ? `of ${channel.publisherKey} over the close that pays ${paid} sats`
        : `expected one of ${channel.publisherKey} over ${paid} sats, it is not one`,
    ),
  ]
}
