import { fromHex, toHex } from '../../../domain/bytes.ts'
import { encodeTransaction, transactionId } from '../../../domain/chain/codec.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'
import type { ChannelCommand } from '../../../domain/channel/channel.ts'
import { closeTargetBlocks } from '../../../domain/channel/margin.ts'
import { paramsOf } from '../../../domain/channel/script.ts'
import {
  bare,
  cooperativeClose,
  type Funded,
  joinTogether,
  PLAIN_CLOSE_FEE_RATES,
  signTogether,
} from '../../../domain/channel/together.ts'
import { channelId } from '../../../domain/ids.ts'
import type { Ledger } from '../ledger.ts'
import { type Leg, legsOf } from '../legs.ts'
import type { MessageOf } from '../messages.ts'
import type { Party } from '../party.ts'
import type { Talk } from '../talk.ts'

type Answer = MessageOf<'close-signed'> | MessageOf<'close-refused'>

const { least, most } = PLAIN_CLOSE_FEE_RATES

/**
 * Proposes a plain close of the lease's channels, takes the publisher's signatures, and writes the close down, to be given to the chain
 * as any other. A channel over which nothing was paid gives its coins back in it, long before its expiry.
 *
 * @param answer the publisher's answer, as soon as it comes
 * @returns false when the publisher refused: the newest vouchers close as well
 * @throws Fault `channel.not-worth-closing`, `channel.bad-signature`, those of the chain and of `Talk`
 */
export const agreeOnClose = async (
  party: Party,
  ledger: Ledger,
  talk: Talk,
  answer: () => Promise<Answer>,
): Promise<boolean> => {
  const state = await ledger.lease()
  const legs = await legsOf(ledger, state)
  if (legs.length === 0 || legs.some(({ context }) => context.spend !== undefined)) return false
  const channels = legs.map(fundedOf)
  const { paidSats: paid } = state.context
  const feeRateSatsPerVb = await feeRateOf(party, legs)
  const tx = cooperativeClose({ channels, paid, feeFrom: 'provider', feeRateSatsPerVb })
  await talk.send({ type: 'close', raw: toHex(encodeTransaction(bare(tx))) })
  const said = await answer()
  if (said.type === 'close-refused') {
    party.log.info({ lease: ledger.leaseId, refused: said.code, why: said.why }, 'the publisher signs no plain close')
    return false
  }
  const signed = await joined(party, ledger, legs, tx, said.signatures)
  const close = { txid: transactionId(signed), raw: toHex(encodeTransaction(signed)), together: true } as const
  const at = party.clock.now()
  await ledger.record(
    [],
    new Map(legs.map(({ leg }): [number, ChannelCommand[]] => [leg, [{ kind: 'close', at, ...close }]])),
  )
  return true
}

const fundedOf = ({ context }: Leg): Funded => ({ params: paramsOf(context.terms!), funding: context.funding! })

const feeRateOf = async ({ engine, network }: Party, legs: readonly Leg[]): Promise<number> => {
  const { height } = await engine.tip()
  const expiry = Math.min(...legs.map(({ context }) => context.terms!.expiryHeight))
  return Math.min(Math.max(least, await engine.feeRate(closeTargetBlocks(height, expiry, network))), most)
}

const joined = async (
  party: Party,
  ledger: Ledger,
  legs: readonly Leg[],
  tx: Transaction,
  signatures: readonly string[],
): Promise<Transaction> => {
  let signed = tx
  for (const [at, leg] of legs.entries()) {
    const { params } = fundedOf(leg)
    const { secret } = await party.channelKey(channelId(ledger.leaseId, leg.leg))
    const provider = signTogether(tx, at, params, secret, party.curve)
    const publisher = fromHex(signatures[at] ?? '')
    signed = joinTogether(signed, at, params, { publisher, provider }, party.curve)
  }
  return signed
}
