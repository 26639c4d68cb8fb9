import type { Network } from '../../../domain/chain/network.ts'
import { closeMarginBlocks } from '../../../domain/channel/margin.ts'
import { believedEnd } from '../../../domain/lease/believed-end.ts'
import type { EndCode } from '../../../domain/lease/ends.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import type { Message } from '../messages.ts'
import type { ServingEnd } from './serving.ts'

/**
 * The end that the terms set to a lease. A longer time that was offered holds until the publisher answers: it may have signed by now.
 * @param height of the chain, where it is known
 */
export const agreedEnd = (
  { terms, change: { offered }, usage }: LeaseState['context'],
  height: number | undefined,
  network: Network,
): ServingEnd | undefined => {
  const { channel } = terms!
  const maxDurationMs = Math.max(terms!.maxDurationMs, offered?.terms.maxDurationMs ?? 0)
  if (usage.wallUs >= BigInt(maxDurationMs) * 1000n)
    return { code: 'duration-reached', why: `${maxDurationMs} ms were agreed` }
  return height !== undefined && height >= channel.expiryHeight - closeMarginBlocks(network)
    ? { code: 'duration-reached', why: 'the channel is about to expire' }
    : undefined
}

/** The end that a publisher's message means where none of the others was sent. @param paused that of a pause, by this side's log */
export const saidEnd = (message: Message, paused: EndCode | undefined): ServingEnd => {
  switch (message.type) {
    case 'end':
      return { code: believedEnd(message.code, 'publisher', { paused }), why: message.why }
    case 'refuse':
      return { code: 'unpaid', why: `the publisher refused: ${message.code}: ${message.why}` }
    default:
      return { code: 'bad-voucher', why: `${message.type} where a voucher was due` }
  }
}
