import type { Side } from '../../domain/lease/facts.ts'
import type { LeaseState } from '../../domain/lease/lease.ts'
import { type Receipt, receiptOf, type SignedReceipt, topUpsOf } from '../../domain/lease/receipt.ts'
import { type Party, verifyReceipt } from './party.ts'

/** The receipt of an ended lease as this side's log has it; undefined when nothing was funded. */
export const receiptFrom = ({ context }: LeaseState): Receipt | undefined => {
  const { terms, end, funding, tick, usage, paidSats, topUps } = context
  if (!terms || !end || !funding) return undefined
  return receiptOf(terms, {
    funding: `${funding.txid}:${funding.vout}`,
    ticks: tick,
    usage,
    paidSats,
    code: end.code,
    culprit: end.culprit,
    ...topUpsOf(topUps),
  })
}

/** `signed` with the other side's signature added, when that is one. */
export const counterSigned = (
  party: Pick<Party, 'curve'>,
  signed: SignedReceipt,
  by: Side,
  signature: string,
): SignedReceipt | undefined => {
  const key = by === 'publisher' ? signed.receipt.publisherKey : signed.receipt.providerKey
  if (!verifyReceipt(party, signed.receipt, signature, key)) return undefined
  return by === 'publisher' ? { ...signed, publisherSignature: signature } : { ...signed, providerSignature: signature }
}
