import type { AnnouncementBody } from '../../../domain/announcement/body.ts'
import type { Order } from '../../../domain/announcement/facts.ts'
import type { Wallet } from '../../wallet/port.ts'
import type { Party } from '../party.ts'
import type { Picker } from './picker.ts'
import type { ServedTime } from './served-time.ts'

/** What a publisher works with, beyond what both sides do. */
export type PublisherParty = Party & { readonly wallet: Wallet; readonly served: ServedTime }

/** An announcement of this publisher that is open for offers. */
export type Wanted = {
  readonly outpoint: string
  readonly body: AnnouncementBody
  readonly order: Order
  readonly picker: Picker
}
