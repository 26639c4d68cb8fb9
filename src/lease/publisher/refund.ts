import { fromHex, toHex } from '../../../domain/bytes.ts'
import { decodeTransaction, encodeTransaction, transactionId, virtualSize } from '../../../domain/chain/codec.ts'
import type { ChannelCommand, ChannelState } from '../../../domain/channel/channel.ts'
import { REFUND_TARGET_BLOCKS, raisedFeeRate } from '../../../domain/channel/margin.ts'
import { paramsOf } from '../../../domain/channel/script.ts'
import { refundTransaction } from '../../../domain/channel/transaction.ts'
import { isRefusal } from '../../../domain/fact.ts'
import { Fault } from '../../../domain/fault.ts'
import { channelId } from '../../../domain/ids.ts'
import { isOver } from '../../../domain/lease/lease.ts'
import { type Ledger, openLedger } from '../ledger.ts'
import type { Party } from '../party.ts'
import { letGoOfUnfunded } from '../unfunded.ts'
import type { Waits } from '../waits.ts'

/** Takes everything back from each channel of a lease that has expired and was not closed. */
export const refundExpired = async (party: Party, ledger: Ledger, waits: Waits): Promise<void> => {
  const { height } = await party.engine.tip()
  for (const leg of [0, ...(await ledger.lease()).context.topUps.map((topUp) => topUp.leg)])
    await refundOne(party, ledger, leg, height, waits)
}

/**
 * The same for leases that are over: a reorganisation took back what had moved their money, and the chain may have lost it. What the
 * provider closes again meanwhile is its own.
 */
export const refundReopened = async (party: Party, leaseIds: readonly string[], waits: Waits): Promise<void> => {
  for (const leaseId of leaseIds) {
    const ledger = openLedger(party.streams, leaseId)
    try {
      const state = await ledger.lease()
      if (state.context.side === 'publisher' && isOver(state)) await refundExpired(party, ledger, waits)
    } catch (err) {
      party.log.warn({ lease: leaseId, err }, 'a refund that is to be made again could not be; trying again')
    }
  }
}

/**
 * Takes everything back from a channel that has expired and was not closed. Written down before it is broadcast; called again, it
 * gives the very same transaction to a chain that does not have it, and one with a higher fee when that stays out of the blocks. The
 * chain's watch tells when it is in one.
 *
 * @throws Rejected, Fault `chain.unreachable`: call again later
 */
const refundOne = async (party: Party, ledger: Ledger, leg: number, height: number, waits: Waits): Promise<void> => {
  const { context } = await ledger.channel(leg)
  const { terms, funding, spend } = context
  if (!terms || !funding || spend?.height !== undefined || height < terms.expiryHeight) return
  // Spent in the mempool already: by this refund, or by the provider's close after all.
  const spent = (await party.engine.output(funding)) === undefined
  if (spent && (await letGoOfUnfunded(party, ledger))) return
  if (spent && !(await waitsInVain(party, spend?.txid, height, waits))) return
  const raw = (spent ? undefined : spend?.raw) ?? (await prepared(party, ledger, leg, context, height))
  if (raw !== undefined) await party.engine.broadcast(decodeTransaction(fromHex(raw)))
}

/** This node's own refund is in the mempool, and has been for too long. */
const waitsInVain = async (
  { engine }: Party,
  txid: string | undefined,
  height: number,
  waits: Waits,
): Promise<boolean> => {
  if (txid === undefined) return false
  const found = await engine.transaction(txid)
  if (found === undefined || found.block !== undefined) return false
  if (waits.since(txid, height) < REFUND_TARGET_BLOCKS) return false
  waits.restart(txid, height)
  return true
}

/** A refund, written down; one that pays more where there is one before it. */
const prepared = async (
  party: Party,
  ledger: Ledger,
  leg: number,
  { terms, funding, spend }: ChannelState['context'],
  height: number,
): Promise<string | undefined> => {
  const params = paramsOf(terms!)
  const estimate = await party.engine.feeRate(REFUND_TARGET_BLOCKS)
  const before = spend?.raw
  try {
    const tx = refundTransaction({
      params,
      funding: funding!,
      publisherSecret: (await party.channelKey(channelId(ledger.leaseId, leg))).secret,
      feeRateSatsPerVb: before === undefined ? estimate : raisedFeeRate(feeOf(before, params.capacity), estimate),
      curve: party.curve,
    })
    const raw = toHex(encodeTransaction(tx))
    const refund: ChannelCommand = { kind: 'refund', at: party.clock.now(), txid: transactionId(tx), raw, height }
    const done = await ledger.try([], new Map([[leg, [refund]]]))
    return isRefusal(done) ? undefined : raw
  } catch (error) {
    // Fees above what is left: nothing to take back now.
    if (error instanceof Fault && error.code === 'channel.not-worth-refunding') return undefined
    throw error
  }
}

const feeOf = (raw: string, capacity: bigint): { fee: bigint; vsize: number } => {
  const tx = decodeTransaction(fromHex(raw))
  return { fee: capacity - tx.outputs.reduce((sum, { value }) => sum + value, 0n), vsize: virtualSize(tx) }
}
