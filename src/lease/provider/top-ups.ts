import { toHex } from '../../../domain/bytes.ts'
import { encodeTransaction, transactionId } from '../../../domain/chain/codec.ts'
import { closeMarginBlocks } from '../../../domain/channel/margin.ts'
import { paramsOf } from '../../../domain/channel/script.ts'
import { isRefusal } from '../../../domain/fact.ts'
import { Fault } from '../../../domain/fault.ts'
import { channelId } from '../../../domain/ids.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import { capacityUsed } from '../../../domain/lease/legs.ts'
import type { Ledger } from '../ledger.ts'
import type { Message, MessageOf } from '../messages.ts'
import type { Talk } from '../talk.ts'
import type { ProviderParty } from './deps.ts'
import { checkFunding } from './provision.ts'

/**
 * Whether a further channel is welcome: nothing is locked before this is answered. Its terms are those of the first but for keys and
 * capacity; asked again, the answer is the same.
 *
 * @param height of the chain, where it is known
 */
const answerTopUp = async (
  party: ProviderParty,
  ledger: Ledger,
  { context }: LeaseState,
  { leg, channelKey, capacitySats }: MessageOf<'top-up'>,
  height: number | undefined,
): Promise<Message> => {
  const refuse = (code: MessageOf<'top-up-refused'>['code'], why: string): Message => ({
    type: 'top-up-refused',
    leg,
    code,
    why,
  })
  const { terms, end, topUps } = context
  if (terms === undefined || end) return refuse('ending', 'the lease ends')
  if (leg <= (topUps.at(-1)?.leg ?? 0)) return refuse('top-up-out-of-order', `channel ${leg} is funded already`)
  if (height !== undefined && height >= terms.channel.expiryHeight - 2 * closeMarginBlocks(party.network))
    return refuse('expiring', `the channel expires at height ${terms.channel.expiryHeight}`)
  const own = toHex((await party.channelKey(channelId(ledger.leaseId, leg))).publicKey)
  const further = { ...terms.channel, publisherKey: channelKey, providerKey: own, capacitySats }
  const done = await ledger.try([], new Map([[leg, [{ kind: 'propose', at: party.clock.now(), terms: further }]]]))
  if (isRefusal(done)) return refuse('top-up-out-of-order', `${done.refused}: ${done.why}`)
  const known = (await ledger.channel(leg)).context.terms!
  return known.publisherKey === channelKey && known.capacitySats === capacitySats
    ? { type: 'top-up-taken', leg, channelKey: own }
    : refuse('top-up-out-of-order', `channel ${leg} was proposed with other terms`)
}

/**
 * Takes a further channel into the lease. It counts once it is in a block: until then nothing is served on it.
 *
 * @throws Fault `lease.bad-funding`, `lease.unexpected-message`; Rejected by the chain
 */
export const takeTopUp = async (
  party: ProviderParty,
  ledger: Ledger,
  message: MessageOf<'topped-up'>,
): Promise<LeaseState> => {
  const { leg } = message
  const { terms, funding } = (await ledger.channel(leg)).context
  if (terms === undefined) {
    throw new Fault('lease.unexpected-message', `channel ${leg} was funded and never asked for`, {
      culprit: 'publisher',
      next: 'Update the publisher’s node.',
    })
  }
  const tx = checkFunding(paramsOf(terms), message)
  const found = { txid: transactionId(tx), vout: message.vout }
  if (funding?.txid === found.txid) return await ledger.lease()
  await party.engine.broadcast(tx)
  const at = party.clock.now()
  return await ledger.record(
    [{ kind: 'top-up', at, leg, ...found, capacitySats: terms.capacitySats }],
    new Map([[leg, [{ kind: 'fund', at, ...found, raw: toHex(encodeTransaction(tx)) }]]]),
  )
}

/** Further channels of one lease that is served. */
export class FurtherChannels {
  readonly #party: ProviderParty
  readonly #ledger: Ledger
  /** One that was agreed to, and is not funded yet: it is waited for where the lease would end without it. */
  #expected: number | undefined

  constructor(party: ProviderParty, ledger: Ledger) {
    this.#party = party
    this.#ledger = ledger
  }

  /** No further tick could be paid with all that is funded. */
  isFull({ context: { terms, usage, topUps } }: LeaseState): boolean {
    return capacityUsed(terms!, usage, topUps)
  }

  get isExpected(): boolean {
    return this.#expected !== undefined
  }

  async answer(talk: Talk, state: LeaseState, wish: MessageOf<'top-up'>, height: number | undefined): Promise<void> {
    const answer = await answerTopUp(this.#party, this.#ledger, state, wish, height)
    if (answer.type === 'top-up-taken') this.#expected = answer.leg
    await talk.send(answer)
  }

  async take(message: MessageOf<'topped-up'>): Promise<LeaseState> {
    const state = await takeTopUp(this.#party, this.#ledger, message)
    this.#expected = undefined
    return state
  }
}
