import { isRefusal } from '../../../domain/fact.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import { peerTimeout } from '../../peer/port.ts'
import type { Ledger } from '../ledger.ts'
import { legsOf, openVouchers } from '../legs.ts'
import type { Message, MessageOf } from '../messages.ts'
import { signReceipt } from '../party.ts'
import { counterSigned, receiptFrom } from '../receipts.ts'
import type { Talk } from '../talk.ts'
import { takeChange } from './changes.ts'
import type { Closes } from './closes.ts'
import type { ProviderParty } from './deps.ts'
import { agreeOnClose } from './plain-close.ts'
import { takeTopUp } from './top-ups.ts'

/** How long the publisher has for the last voucher and for its signature under the receipt. */
export const FAREWELL_TIMEOUT_MS = 15_000

/**
 * Says that it is over, takes the last voucher, exchanges signatures under the receipt, and agrees on a plain close where that is worth
 * it. Best effort: the log is enough to close. Tunnels that are asked for meanwhile (the data may still be fetched) go to `onTunnel`.
 */
export const farewell = async (
  party: ProviderParty,
  ledger: Ledger,
  state: LeaseState,
  talk: Talk,
  why: string,
  closes: Closes,
  onTunnel: (message: MessageOf<'tunnel'>) => void,
): Promise<void> => {
  const { end, tick, usage, terms, funding } = state.context
  if (!end || !terms || !funding) return
  const awaited = <T extends Message['type']>(types: readonly T[], fits?: (message: MessageOf<T>) => boolean) =>
    awaitOne(party, ledger, talk, types, onTunnel, fits)
  await talk.send({ type: 'end', code: end.code as MessageOf<'end'>['code'], why, tick, usage })
  // Where the publisher disputes the last reading it pays what it had accepted, and there is no receipt that both would sign.
  const disputed = end.code === 'usage-impossible'
  const last = await awaited(['voucher'], (message) => disputed || message.tick >= tick)
  await takeLast(party, ledger, last)
  const receipt = receiptFrom(await ledger.lease())
  if (!receipt || disputed) return
  const signature = signReceipt(party, receipt)
  await ledger.record([{ kind: 'receipt', at: party.clock.now(), signed: { receipt, providerSignature: signature } }])
  await talk.send({ type: 'receipt', receipt, signature })
  const answer = await awaited(['receipt'])
  const signed = counterSigned(party, { receipt, providerSignature: signature }, 'publisher', answer.signature)
  if (signed) await ledger.record([{ kind: 'receipt', at: party.clock.now(), signed }])
  if (await isPlainWorthIt(ledger, closes))
    await agreeOnClose(party, ledger, talk, () => awaited(['close-signed', 'close-refused']))
}

const takeLast = async (party: ProviderParty, ledger: Ledger, last: MessageOf<'voucher'>): Promise<void> => {
  const vouchers = await openVouchers(party, ledger, await ledger.lease())
  if (!vouchers.accepts(last)) return
  const at = party.clock.now()
  const pay = { kind: 'pay', at, tick: last.tick, paidSats: last.paid } as const
  const paid = await ledger.try([pay], vouchers.commands(at, last))
  if (isRefusal(paid))
    party.log.warn(
      { lease: ledger.leaseId, refused: paid.refused },
      'the last voucher was refused; the one before it counts',
    )
}

/** Not when others end now too, unless the publisher's coins would stay in a channel that nothing was paid over. */
const isPlainWorthIt = async (ledger: Ledger, closes: Closes): Promise<boolean> =>
  !closes.hasCompany(ledger.leaseId) ||
  (await legsOf(ledger, await ledger.lease())).some(({ context }) => context.signature === undefined)

/** The next message of one of these types; others that crossed it on the way do not matter any more, but for a top-up. */
const awaitOne = async <T extends Message['type']>(
  party: ProviderParty,
  ledger: Ledger,
  talk: Talk,
  types: readonly T[],
  onTunnel: (message: MessageOf<'tunnel'>) => void,
  fits: (message: MessageOf<T>) => boolean = () => true,
): Promise<MessageOf<T>> => {
  const untilUs = party.clock.steadyUs() + FAREWELL_TIMEOUT_MS * 1_000
  for (;;) {
    // In all: who goes on and on to say something else would keep the channel from being closed until it expires.
    const timeoutMs = (untilUs - party.clock.steadyUs()) / 1_000
    if (timeoutMs <= 0) throw peerTimeout(talk.remote, 'say its last word', FAREWELL_TIMEOUT_MS)
    const message: Message = await talk.next({ timeoutMs })
    if (message.type === 'tunnel') onTunnel(message)
    if (message.type === 'topped-up') await takeTopUp(party, ledger, message)
    if (message.type === 'changed') await takeChange(party, ledger, message)
    if ((types as readonly string[]).includes(message.type) && fits(message as MessageOf<T>))
      return message as MessageOf<T>
  }
}

/** Takes the machine away, with its data, and closes the shell. */
export const releaseMachine = async (party: ProviderParty, ledger: Ledger): Promise<void> => {
  party.gateway.revoke(ledger.leaseId)
  await party.machines.remove(ledger.leaseId)
  await ledger.try([{ kind: 'release', at: party.clock.now() }])
}
