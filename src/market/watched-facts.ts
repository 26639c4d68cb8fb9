import type { AnnouncementFact } from '../../domain/announcement/facts.ts'
import type { ChannelFact } from '../../domain/channel/facts.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'

/** Facts that may change what concerns this node. */
export const WATCHED_TYPES = [
  'announcement.posted',
  'announcement.seen',
  'announcement.unseen',
  'announcement.lost',
  'announcement.confirmed',
  'announcement.withdrawn',
  'announcement.restored',
  'announcement.expired',
  'announcement.unexpired',
  'lease.sought',
  'lease.agreed',
  'lease.funded',
  'lease.settled',
  'lease.refunded',
  'lease.lapsed',
  'lease.refused',
  'lease.failed',
  'lease.released',
  'channel.funded',
  'channel.opened',
  'channel.closed',
  'channel.refunded',
  'channel.reopened',
] as const
export type WatchedFact = Extract<AnnouncementFact | LeaseFact | ChannelFact, { type: (typeof WATCHED_TYPES)[number] }>
