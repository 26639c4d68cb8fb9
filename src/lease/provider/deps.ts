import type { AnnouncementBody } from '../../../domain/announcement/body.ts'
import type { Hardware } from '../../../domain/lease/facts.ts'
import type { Situation } from '../../../domain/match.ts'
import type { PriceVector } from '../../../domain/price.ts'
import type { Isolation } from '../../../domain/resources.ts'
import type { Machines } from '../../machine/port.ts'
import type { Endpoint, Peers } from '../../peer/port.ts'
import type { ShellGateway } from '../../shell/port.ts'
import type { Party } from '../party.ts'

/** What a provider works with, beyond what both sides do. */
export type ProviderParty = Party & {
  readonly peers: Peers
  readonly machines: Machines
  readonly gateway: ShellGateway
  readonly hardware: Hardware
  readonly ask: PriceVector
  readonly floor: PriceVector
  readonly isolation: Isolation
  readonly terms: ProviderTerms
  /** A machine kept for its data costs nobody but the provider: it does so for this long at the most, ms. */
  readonly maxDataGraceMs: number
  /** The longest that a lease may last, ms. */
  readonly maxDurationMs: number
  /** The longest notice that it agrees to give before it ends a lease by choice, ms. */
  readonly maxNoticeMs: number
  /** The longest pause of a lease, ms. */
  readonly maxPauseMs: number
  /** Only leases that can be paused are served: the owner of the machine comes first. */
  readonly mustPause: boolean
  /** When machines are lent out; absent: always. */
  readonly open?: () => Situation['open']
}

/** What a provider fixes in every lease's terms. */
export type ProviderTerms = {
  readonly graceTicks: number
  readonly reconnectMs: number
  readonly unconfirmedTicks: number
  readonly ioBytesPerS: bigint
  readonly netBytesPerS: bigint
}

/** The announcement that a lease is for. */
export type Sought = {
  readonly endpoint: Endpoint
  /** `txid:vout` of the bond. */
  readonly outpoint: string
  readonly publisherKey: string
  readonly body: AnnouncementBody
}
