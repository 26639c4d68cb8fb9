import { taggedHash } from '../chain/hash.ts'
import { encodeBytes } from '../codec.ts'
import type { Isolation, Resources } from '../resources.ts'

/** What a publisher wants, in full. The chain carries its hash; the publisher's endpoint serves it. */
export type AnnouncementBody = {
  readonly version: 1
  /** Free text for people, at most 80 characters; untrusted. */
  readonly label: string
  readonly image: string
  readonly resources: Resources
  /** At least this strongly kept apart. */
  readonly isolation: Isolation
  readonly machineNetwork: 'none' | 'bridge'
  /** How many machines are wanted. */
  readonly count: number
  /** The most that an hour of full use may cost, msat. */
  readonly maxHourlyMsat: bigint
  readonly maxDurationMs: number
  /** How available the provider must have been, thousandths of the last 30 days (`availableEnough`); absent: it does not matter. */
  readonly minAvailabilityPermille?: number
}

/** 32 bytes, tag `zennet/announcement-body`, of the canonical bytes. */
export const bodyHash = (body: AnnouncementBody): Uint8Array =>
  taggedHash('zennet/announcement-body', encodeBytes(body))
