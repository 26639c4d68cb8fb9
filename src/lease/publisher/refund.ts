import { fromHex, toHex } from '../../../domain/bytes.ts'
import { decodeTransaction, encodeTransaction, transactionId } from '../../../domain/chain/codec.ts'
import { refundTransaction } from '../../../domain/channel/transaction.ts'
import { isRefusal } from '../../../domain/fact.ts'
import { Fault } from '../../../domain/fault.ts'
import type { Terms } from '../../../domain/terms.ts'
import type { Ledger } from '../ledger.ts'
import { channelParams } from '../party.ts'
import type { PublisherParty } from './deps.ts'

/** A refund is in no hurry: nobody else can spend the coins any more, but by a close that the provider forgot. */
const REFUND_TARGET_BLOCKS = 6

/**
 * Takes everything back from a channel that has expired and was not closed. Written down before it is broadcast; called again, it
 * gives the very same transaction to a chain that does not have it. The chain's watch tells when it is in a block.
 *
 * @throws Rejected, Fault `chain.unreachable`: call again later
 */
export const refundExpired = async (party: PublisherParty, ledger: Ledger, terms: Terms): Promise<void> => {
  const { funding, spend } = (await ledger.channel()).context
  const { height } = await party.engine.tip()
  if (!funding || spend?.height !== undefined || height < terms.channel.expiryHeight) return
  // Spent in the mempool already: by this refund, or by the provider's close after all.
  if ((await party.engine.output(funding)) === undefined) return
  const raw = spend?.raw ?? (await prepared(party, ledger, terms, funding, height))
  if (raw !== undefined) await party.engine.broadcast(decodeTransaction(fromHex(raw)))
}

const prepared = async (
  party: PublisherParty,
  ledger: Ledger,
  terms: Terms,
  funding: { readonly txid: string; readonly vout: number },
  height: number,
): Promise<string | undefined> => {
  try {
    const tx = refundTransaction({
      params: channelParams(terms),
      funding,
      publisherSecret: (await party.channelKey(terms.leaseId)).secret,
      feeRateSatsPerVb: await party.engine.feeRate(REFUND_TARGET_BLOCKS),
      curve: party.curve,
    })
    const raw = toHex(encodeTransaction(tx))
    const done = await ledger.try([], [{ kind: 'refund', at: party.clock.now(), txid: transactionId(tx), raw, height }])
    return isRefusal(done) ? undefined : raw
  } catch (error) {
    // Fees above what is left: nothing to take back now.
    if (error instanceof Fault && error.code === 'channel.not-worth-refunding') return undefined
    throw error
  }
}
