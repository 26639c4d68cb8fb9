import { fromHex } from '../bytes.ts'
import type { Curve } from '../chain/curve.ts'
import { larger, MSAT_PER_SAT, satsForMsat } from '../money.ts'
import type { PriceVector } from '../price.ts'
import { owedUnder, termsDigest, termsHash, tickAheadMsat } from '../terms.ts'
import { elapsedOf, impossibleUsage, NO_USAGE, sameUsage } from '../usage.ts'
import { absent, type Check, checked, said } from './check.ts'
import { isEndCode, reasonOf } from './ends.ts'
import { capacitiesOf, dueSats } from './legs.ts'
import { receiptDigest } from './receipt.ts'
import { channelChecks } from './receipt-channel-checks.ts'
import type { ReceiptFile } from './receipt-file.ts'

/** Everything that a receipt says and that follows from the file alone. Pure: needs no node, no clock and no chain. */
export const receiptChecks = (file: ReceiptFile, curve: Curve): readonly Check[] => [
  ...signatureChecks(file, curve),
  ...termsChecks(file, curve),
  ...billChecks(file),
  ...channelChecks(file, curve),
]

const isSigned = (curve: Curve, signature: string, digest: Uint8Array, key: string): boolean =>
  curve.verifySchnorr(fromHex(signature), digest, fromHex(key).subarray(1))

const signatureChecks = ({ receipt, ...signed }: ReceiptFile, curve: Curve): Check[] =>
  (['publisher', 'provider'] as const).map((side) => {
    const signature = signed[`${side}Signature`]
    const check = `signed by the ${side}`
    if (signature === undefined) return absent(check, `the ${side} has not signed this receipt`)
    const key = receipt[`${side}Key`]
    const isOk = isSigned(curve, signature, receiptDigest(receipt), key)
    return checked(check, isOk, isOk ? key : `expected a signature of ${key} over the receipt, it is not one`)
  })

const termsChecks = ({ receipt, agreed }: ReceiptFile, curve: Curve): Check[] => {
  if (agreed === undefined) return [absent('terms', 'the terms are not in the file')]
  const { terms } = agreed
  const hash = termsHash(terms)
  const parties = (['leaseId', 'network', 'publisherKey', 'providerKey'] as const).filter(
    (field) => terms[field] !== receipt[field],
  )
  return [
    checked('terms', hash === receipt.termsHash, said(hash === receipt.termsHash, receipt.termsHash, hash)),
    checked(
      'parties',
      parties.length === 0,
      parties.length === 0 ? `lease ${receipt.leaseId}` : `${parties.join(', ')} differ between terms and receipt`,
    ),
    ...(['publisher', 'provider'] as const).map((side) => {
      const isOk = isSigned(curve, agreed[`${side}Signature`], termsDigest(terms), terms[`${side}Key`])
      const key = terms[`${side}Key`]
      return checked(
        `terms signed by the ${side}`,
        isOk,
        isOk ? key : `expected a signature of ${key} over the terms, it is not one`,
      )
    }),
  ]
}

const billChecks = ({ receipt, agreed, channels }: ReceiptFile): Check[] => {
  const { code, culprit, usage, ticks, paidSats } = receipt
  const whose = isEndCode(code) ? reasonOf(code).culprit : undefined
  const ends =
    whose === undefined
      ? checked('end', false, `${code} is no code of an end`)
      : checked('end', whose === culprit, said(whose === culprit, `${code} (${whose})`, `${code} (${culprit})`))
  if (agreed === undefined) return [ends, absent('owed', 'without the terms there is no price')]
  const { terms } = agreed
  const owed = owedUnder(terms, usage)
  const { resources, caps } = terms
  const most = { resources, caps, elapsedUs: elapsedOf(usage) }
  const problem =
    ticks === 0 && !sameUsage(usage, NO_USAGE)
      ? 'usage without a tick'
      : usage.paused && terms.maxPauseMs === undefined
        ? 'a pause that was not agreed'
        : impossibleUsage(NO_USAGE, usage, most)
  const topUps = channels.slice(1).map((channel) => channel.terms)
  // Each voucher covers what is owed and one tick of full use ahead; what is owed never falls.
  const ahead = (price: PriceVector) => tickAheadMsat({ ...terms, price })
  // The tick ahead may still be one of a dearer price.
  const dearest = [...(terms.revision?.past ?? [])].reduce(
    (most, { price }) => larger(most, ahead(price)),
    ahead(terms.price),
  )
  const due = dueSats(terms, usage, topUps) + satsForMsat(dearest - ahead(terms.price))
  const capacity = capacitiesOf(terms, topUps).reduce((sum, each) => sum + each, 0n)
  const isWithin = paidSats <= due && paidSats <= capacity
  const short = satsForMsat(owed) - paidSats
  return [
    ends,
    checked('usage', problem === undefined, problem ?? `${ticks} ticks, nothing above what the terms allow`),
    checked('owed', owed === receipt.owedMsat, `${said(owed === receipt.owedMsat, owed, receipt.owedMsat)} msat`),
    checked(
      'paid',
      isWithin,
      isWithin
        ? `${paidSats} sats of ${(owed + MSAT_PER_SAT - 1n) / MSAT_PER_SAT} owed${short > 0n ? `: ${short} were never paid` : ''}`
        : `expected at most ${due} sats: what is owed and one tick ahead; there is ${paidSats}`,
    ),
  ]
}
