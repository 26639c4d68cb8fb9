import { announcements } from './announcements.ts'
import { blocks } from './blocks.ts'
import { channels } from './channels.ts'
import { leases } from './leases.ts'
import { offers } from './offers.ts'
import { transactions } from './transactions.ts'

/** Every table of the read model. */
export const TABLES = [announcements, leases, offers, channels, blocks, transactions] as const
