import type { AnnouncementBody } from '../../../domain/announcement/body.ts'
import type { Order } from '../../../domain/announcement/facts.ts'
import type { InsideTolerance } from '../../../domain/terms.ts'
import type { ShellReader } from '../../shell/port.ts'
import type { Wallet } from '../../wallet/port.ts'
import type { Party } from '../party.ts'
import type { PausedTime } from '../paused-time.ts'
import type { Fundings } from './fundings.ts'
import type { Picker } from './picker.ts'
import type { ServedTime } from './served-time.ts'
import type { Spending } from './spending.ts'

/** What a publisher works with, beyond what both sides do. */
export type PublisherParty = Party & {
  readonly wallet: Wallet
  readonly served: ServedTime
  readonly fundings: Fundings
  readonly paused: PausedTime
  /** What it reads in machines itself may differ by, and what it reads with; absent: it never does. */
  readonly inside?: { readonly tolerance: InsideTolerance; readonly reader: ShellReader }
  readonly spending: Spending
}

/** The market as the publisher needs it here. */
export type Offers = {
  /** An own announcement that is open; undefined when it is closed or another's. */
  wanted(outpoint: string): Promise<Wanted | undefined>
  /** The body of any own announcement, open or not. */
  body(txid: string): Promise<AnnouncementBody | undefined>
  /** How any own announcement, open or not, is to be rented. */
  order(outpoint: string): Promise<Order | undefined>
  /** Leases that were over, and whose money a reorganisation has put back into their channels. */
  reopened(): Promise<readonly string[]>
}

/** An announcement of this publisher that is open for offers. */
export type Wanted = {
  readonly outpoint: string
  readonly body: AnnouncementBody
  readonly order: Order
  readonly picker: Picker
}
