import type { Network } from '../../../domain/chain/network.ts'
import { closeMarginBlocks } from '../../../domain/channel/margin.ts'
import { believedEnd } from '../../../domain/lease/ends.ts'
import type { Terms } from '../../../domain/terms.ts'
import type { Message } from '../messages.ts'
import type { ServingEnd } from './serving.ts'

/** The end that the terms set to a lease. @param height of the chain, where it is known */
export const agreedEnd = (
  { maxDurationMs, channel }: Terms,
  servedUs: bigint,
  height: number | undefined,
  network: Network,
): ServingEnd | undefined => {
  if (servedUs >= BigInt(maxDurationMs) * 1000n)
    return { code: 'duration-reached', why: `${maxDurationMs} ms were agreed` }
  return height !== undefined && height >= channel.expiryHeight - closeMarginBlocks(network)
    ? { code: 'duration-reached', why: 'the channel is about to expire' }
    : undefined
}

/** The end that a publisher's message means where none of the others was sent. */
export const saidEnd = (message: Message): ServingEnd => {
  switch (message.type) {
    case 'end':
      return { code: believedEnd(message.code, 'publisher', false), why: message.why }
    case 'refuse':
      return { code: 'unpaid', why: `the publisher refused: ${message.code}: ${message.why}` }
    default:
      return { code: 'bad-voucher', why: `${message.type} where a voucher was due` }
  }
}
