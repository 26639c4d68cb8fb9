import { fromHex, toHex } from '../../../domain/bytes.ts'
import { decodeTransaction, transactionId } from '../../../domain/chain/codec.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'
import type { ChannelCommand } from '../../../domain/channel/channel.ts'
import { paramsOf } from '../../../domain/channel/script.ts'
import { closeProblem, signTogether } from '../../../domain/channel/together.ts'
import { channelId } from '../../../domain/ids.ts'
import type { Ledger } from '../ledger.ts'
import { type Leg, legsOf } from '../legs.ts'
import type { Message, MessageOf } from '../messages.ts'
import type { Party } from '../party.ts'

const refuse = (code: MessageOf<'close-refused'>['code'], why: string): Message => ({
  type: 'close-refused',
  code,
  why: why.slice(0, 500),
})

/**
 * Signs the plain close that the provider proposes, when it pays what was paid over the lease and gives back all the rest; written down
 * before it is answered. A channel that was paid over has to be in it.
 */
export const answerClose = async (party: Party, ledger: Ledger, { raw }: MessageOf<'close'>): Promise<Message> => {
  const state = await ledger.lease()
  if (state.context.end === undefined) return refuse('not-ended', 'the lease goes on')
  let tx: Transaction
  try {
    tx = decodeTransaction(fromHex(raw))
  } catch {
    return refuse('close-differs', 'it is not a transaction')
  }
  const all = await legsOf(ledger, state)
  const legs = all.filter((leg) => spends(tx, leg))
  if (all.some((leg) => leg.context.paid > 0n && !legs.includes(leg)))
    return refuse('close-differs', 'it leaves out a channel that was paid over')
  if (legs.some(({ context }) => context.spend !== undefined)) return refuse('close-differs', 'it comes too late')
  const channels = legs.map(({ context }) => ({ params: paramsOf(context.terms!), funding: context.funding! }))
  if (channels.length === 0) return refuse('close-differs', 'it spends nothing of this lease')
  const problem = closeProblem(tx, { channels, paid: state.context.paidSats })
  if (problem) return refuse(problem.code, problem.why)
  const at = party.clock.now()
  const agree: ChannelCommand = { kind: 'agree', at, txid: transactionId(tx), raw, paid: state.context.paidSats }
  await ledger.record([], new Map(legs.map(({ leg }) => [leg, [agree]])))
  const signatures: string[] = []
  for (const [index, { leg }] of legs.entries()) {
    const { secret } = await party.channelKey(channelId(ledger.leaseId, leg))
    signatures.push(toHex(signTogether(tx, index, channels[index]!.params, secret, party.curve)))
  }
  return { type: 'close-signed', signatures }
}

const spends = (tx: Transaction, { context }: Leg): boolean =>
  tx.inputs.some(({ txid, vout }) => txid === context.funding?.txid && vout === context.funding.vout)
