import { addressTransactions } from './address-transactions.ts'
import { addresses } from './addresses.ts'
import { announcements } from './announcements.ts'
import { blockFees } from './block-fees.ts'
import { blocks } from './blocks.ts'
import { channels } from './channels.ts'
import { effects } from './effects.ts'
import { fillTimes } from './fill-times.ts'
import { leases } from './leases.ts'
import { logins } from './logins.ts'
import { marketDepth } from './market-depth.ts'
import { mempool } from './mempool.ts'
import { notifications } from './notifications.ts'
import { offers } from './offers.ts'
import { outputs } from './outputs.ts'
import { priceIndex } from './price-index.ts'
import { providers } from './providers.ts'
import { reorganisations } from './reorganisations.ts'
import { soldUsage } from './sold-usage.ts'
import { timers } from './timers.ts'
import { transactions } from './transactions.ts'

/** Every table of the read model. */
export const TABLES = [
  announcements,
  leases,
  logins,
  offers,
  providers,
  channels,
  blocks,
  transactions,
  reorganisations,
  blockFees,
  mempool,
  addresses,
  addressTransactions,
  outputs,
  priceIndex,
  fillTimes,
  soldUsage,
  marketDepth,
  effects,
  timers,
  notifications,
] as const
