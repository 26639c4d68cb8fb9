import type { Process } from '../process/port.ts'
import type { OwnAnnouncements } from './own-announcements.ts'

/** Takes an announcement off the market once all its places are funded leases: the bond comes back, and nobody calls in vain. */
export const withdrawFilled = (own: Pick<OwnAnnouncements, 'withdrawIfFilled'>): Process => ({
  name: 'withdraw-filled',
  filter: { types: ['lease.funded'] },
  handle: ({ stream }) => own.withdrawIfFilled(stream.slice('lease-'.length)),
})
