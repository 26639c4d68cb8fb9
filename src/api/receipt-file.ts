import { toHex } from '../../domain/bytes.ts'
import { encodeTransaction } from '../../domain/chain/codec.ts'
import type { ChannelFact } from '../../domain/channel/facts.ts'
import { channelStream, leaseStream } from '../../domain/ids.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import type { ReceiptChannel, ReceiptFile } from '../../domain/lease/receipt-file.ts'
import { type ChannelRow, channels } from '../../projections/channels.ts'
import type { LeaseRow } from '../../projections/leases.ts'
import type { Journal, Recorded } from '../journal/port.ts'
import type { Projector } from '../projector/port.ts'
import type { Market } from './port.ts'

type Sources = { readonly journal: Journal; readonly projector: Projector; readonly market: Market }

/** Terms, signatures and funding are among the first facts of their streams, and the newest voucher among the last. */
const PIECE = 500

/** The receipt of a lease with all that it is checked by; undefined while there is none. See `domain/lease/receipt-file.ts`. */
export const receiptFileOf = async (sources: Sources, row: LeaseRow): Promise<ReceiptFile | undefined> => {
  if (row.receipt === undefined) return undefined
  const funded = [row.receipt.receipt.funding, ...(row.receipt.receipt.topUps ?? [])]
  const rows = sources.projector.query(channels, {
    where: { leaseId: row.id },
    orderBy: 'began',
    limit: funded.length + PIECE,
  })
  const legs = funded.map((point) => rows.find(({ row: { funding } }) => `${funding?.txid}:${funding?.vout}` === point))
  const found = await Promise.all(legs.map((leg) => leg && channelOf(sources, leg.row)))
  const agreed = row.forgotten ? undefined : await agreedOf(sources.journal, row.id, row.terms?.revision !== undefined)
  return {
    version: 1,
    ...row.receipt,
    ...(agreed && { agreed }),
    channels: found.filter((channel) => channel !== undefined),
  }
}

/** The terms that hold, with both signatures: those that were changed last, or the first. */
const agreedOf = async (journal: Journal, leaseId: string, isChanged: boolean): Promise<ReceiptFile['agreed']> => {
  const stream = leaseStream(leaseId)
  if (!isChanged) return signedIn(await journal.read(stream, 0, PIECE))
  for (let before: number | undefined; ; ) {
    const facts = await journal.readBackward(stream, before, PIECE)
    const found = signedIn(facts)
    if (found || facts.length === 0) return found
    before = facts.at(-1)!.version
  }
}

const signedIn = (facts: readonly Recorded[]): ReceiptFile['agreed'] => {
  for (const { fact } of facts as readonly { readonly fact: LeaseFact }[])
    if (fact.type === 'lease.agreed' || fact.type === 'lease.changed') {
      const { terms, publisherSignature, providerSignature } = fact
      return { terms, publisherSignature, providerSignature }
    }
  return undefined
}

const channelOf = async ({ journal, market }: Sources, row: ChannelRow): Promise<ReceiptChannel | undefined> => {
  const stream = channelStream(row.leaseId, row.leg)
  const first = (await journal.read(stream, 0, PIECE)).map(({ fact }) => fact as ChannelFact)
  const proposed = ofType(first, 'channel.proposed')
  const funded = ofType(first, 'channel.funded')
  if (proposed === undefined || funded === undefined) return undefined
  const last = (await journal.readBackward(stream, undefined, PIECE)).map(({ fact }) => fact as ChannelFact)
  const paid = ofType(last, 'channel.paid')
  const { txid, vout, raw } = funded
  return {
    terms: proposed.terms,
    funding: { txid, vout, raw, ...(row.height !== undefined && { height: row.height }) },
    ...(paid && { voucher: { paid: paid.paid, signature: paid.signature } }),
    ...(row.spend && { spend: await spendOf(market, row.spend, last) }),
  }
}

const spendOf = async (
  market: Market,
  spend: NonNullable<ChannelRow['spend']>,
  last: readonly ChannelFact[],
): Promise<NonNullable<ReceiptChannel['spend']>> => {
  const own = last.find(
    (fact) => (fact.type === 'channel.closing' || fact.type === 'channel.refunding') && fact.txid === spend.txid,
  )
  // The other side's spend is not in this log, only on the chain.
  const raw = own && 'raw' in own ? own.raw : await rawOf(market, spend.txid)
  return { ...spend, ...(raw !== undefined && { raw }) }
}

const rawOf = async (market: Market, txid: string): Promise<string | undefined> => {
  const found = await market.transaction(txid).catch(() => undefined)
  return found && toHex(encodeTransaction(found.tx))
}

const ofType = <T extends ChannelFact['type']>(
  facts: readonly ChannelFact[],
  type: T,
): Extract<ChannelFact, { type: T }> | undefined =>
  facts.find((fact): fact is Extract<ChannelFact, { type: T }> => fact.type === type)
