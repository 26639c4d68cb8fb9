import { fromHex } from '../../../domain/bytes.ts'
import { voucherVerifier } from '../../../domain/channel/transaction.ts'
import { isRefusal } from '../../../domain/fact.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import type { Ledger } from '../ledger.ts'
import type { Message, MessageOf } from '../messages.ts'
import { channelParams, signReceipt } from '../party.ts'
import { counterSigned, receiptFrom } from '../receipts.ts'
import type { Talk } from '../talk.ts'
import type { ProviderParty } from './deps.ts'

/** How long the publisher has for the last voucher and for its signature under the receipt. */
export const FAREWELL_TIMEOUT_MS = 15_000

/**
 * Says that it is over, takes the last voucher and exchanges signatures under the receipt. Best effort: the log is enough to close.
 * Tunnels that are asked for meanwhile (the data may still be fetched) go to `onTunnel`.
 */
export const farewell = async (
  party: ProviderParty,
  ledger: Ledger,
  state: LeaseState,
  talk: Talk,
  why: string,
  onTunnel: (message: MessageOf<'tunnel'>) => void,
): Promise<void> => {
  const { end, tick, usage, terms, funding } = state.context
  if (!end || !terms || !funding) return
  await talk.send({ type: 'end', code: end.code as MessageOf<'end'>['code'], why, tick, usage })
  // Where the publisher disputes the last reading it pays what it had accepted, and there is no receipt that both would sign.
  const disputed = end.code === 'usage-impossible'
  const last = await awaited(talk, 'voucher', onTunnel, (message) => disputed || message.tick >= tick)
  const isVoucher = voucherVerifier(channelParams(terms), funding, party.curve)
  if (isVoucher(last.paid, fromHex(last.signature))) {
    const at = party.clock.now()
    const paid = await ledger.try(
      [{ kind: 'pay', at, tick: last.tick, paidSats: last.paid }],
      [{ kind: 'pay', at, paid: last.paid, signature: last.signature }],
    )
    if (isRefusal(paid))
      party.log.warn(
        { lease: ledger.leaseId, refused: paid.refused },
        'the last voucher was refused; the one before it counts',
      )
  }
  const receipt = receiptFrom(await ledger.lease())
  if (!receipt || disputed) return
  const signature = signReceipt(party, receipt)
  await ledger.record([{ kind: 'receipt', at: party.clock.now(), signed: { receipt, providerSignature: signature } }])
  await talk.send({ type: 'receipt', receipt, signature })
  const answer = await awaited(talk, 'receipt', onTunnel)
  const signed = counterSigned(party, { receipt, providerSignature: signature }, 'publisher', answer.signature)
  if (signed) await ledger.record([{ kind: 'receipt', at: party.clock.now(), signed }])
}

/** The next message of a type; others that crossed it on the way do not matter any more. */
const awaited = async <T extends 'voucher' | 'receipt'>(
  talk: Talk,
  type: T,
  onTunnel: (message: MessageOf<'tunnel'>) => void,
  fits: (message: MessageOf<T>) => boolean = () => true,
): Promise<MessageOf<T>> => {
  for (;;) {
    const message: Message = await talk.next({ timeoutMs: FAREWELL_TIMEOUT_MS })
    if (message.type === 'tunnel') onTunnel(message)
    if (message.type === type && fits(message as MessageOf<T>)) return message as MessageOf<T>
  }
}

/** Takes the machine away, with its data, and closes the shell. */
export const releaseMachine = async (party: ProviderParty, ledger: Ledger): Promise<void> => {
  party.gateway.revoke(ledger.leaseId)
  await party.machines.remove(ledger.leaseId)
  await ledger.try([{ kind: 'release', at: party.clock.now() }])
}
