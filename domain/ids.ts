import { toHex } from './bytes.ts'

/** A lease's id: 16 bytes that nobody else can guess, as hex; also names its stream on both sides. */
export const LEASE_ID = /^[0-9a-f]{32}$/

export const leaseIdOf = (random: Uint8Array): string => toHex(random.subarray(0, 16))

export const leaseStream = (leaseId: string): string => `lease-${leaseId}`
/** One channel per lease, so it goes by the lease's id. */
export const channelStream = (leaseId: string): string => `channel-${leaseId}`
/** An announcement goes by the id of its transaction. */
export const announcementStream = (txid: string): string => `announcement-${txid}`

/** The user name that chooses a lease's machine at the shell gateway. */
export const shellUser = (leaseId: string): string => `lease-${leaseId.slice(0, 12)}`
