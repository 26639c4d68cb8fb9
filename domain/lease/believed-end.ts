import type { EndCode } from './ends.ts'

/** Ends that only the publisher can know of, or ask for. */
const PUBLISHER_SAYS: readonly EndCode[] = [
  'stopped-by-publisher',
  'usage-impossible',
  'usage-mismatch',
  'bad-voucher',
  'provider-silent',
  'daily-budget-used',
]

/** What the side that is told of an end knows by itself. */
export type OwnFacts = {
  /** Publisher: it has asked for the end. */
  readonly noticed?: boolean
  /** Publisher: nothing more could be paid. */
  readonly capacityUsed?: boolean
  /** Publisher: the agreed time is over, or the channel's. */
  readonly durationReached?: boolean
  /** The end of a pause that has lasted too long, by its own log. */
  readonly paused?: EndCode | undefined
}

/**
 * The end that this side writes down when the other one says `code`: nobody can blame the other side through its own log. What is
 * not the speaker's to say, or is not so, counts as the speaker's own wish to stop.
 */
export const believedEnd = (code: EndCode, from: 'publisher' | 'provider', own: OwnFacts): EndCode => {
  if (from === 'publisher') return PUBLISHER_SAYS.includes(code) || code === own.paused ? code : 'stopped-by-publisher'
  switch (code) {
    case 'stopped-by-publisher':
      return own.noticed ? code : 'stopped-by-provider'
    case 'capacity-used':
      return own.capacityUsed ? code : 'stopped-by-provider'
    case 'duration-reached':
      return own.durationReached ? code : 'stopped-by-provider'
    case 'paused-too-long':
      return own.paused ?? 'stopped-by-provider'
    // Vouchers are checked by the provider.
    case 'bad-voucher':
      return code
    default:
      return PUBLISHER_SAYS.includes(code) ? 'stopped-by-provider' : code
  }
}
