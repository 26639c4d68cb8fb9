import { toHex } from './bytes.ts'

/** A lease's id: 16 bytes that nobody else can guess, as hex; also names its stream on both sides. */
export const LEASE_ID = /^[0-9a-f]{32}$/

export const leaseIdOf = (random: Uint8Array): string => toHex(random.subarray(0, 16))

export const leaseStream = (leaseId: string): string => `lease-${leaseId}`
/** The first channel of a lease goes by the lease's id; those of its top-ups by that and their number. */
export const channelId = (leaseId: string, leg = 0): string => (leg === 0 ? leaseId : `${leaseId}.${leg}`)
export const channelStream = (leaseId: string, leg = 0): string => `channel-${channelId(leaseId, leg)}`
/** Whose channel it is, and which. @param id of the channel */
export const legOf = (id: string): { readonly leaseId: string; readonly leg: number } => {
  const [leaseId = id, leg = '0'] = id.split('.')
  return { leaseId, leg: Number(leg) }
}
/** An announcement goes by the id of its transaction. */
export const announcementStream = (txid: string): string => `announcement-${txid}`

/** What such a name can be: people paste it into their shells, so that nothing in it may mean anything there. */
export const SHELL_USER = /^[a-z][a-z0-9-]{0,39}$/
/** The user name that chooses a lease's machine at the shell gateway. */
export const shellUser = (leaseId: string): string => `lease-${leaseId.slice(0, 12)}`
