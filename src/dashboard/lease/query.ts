import { graphql, type ResultOf } from '../graphql.ts'

export const LEASE = graphql(`
  query LeasePage($leaseId: Hex!, $ids: [Hex!]!) {
    status { position network }
    lease(leaseId: $leaseId) {
      leaseId
      side
      stage
      active
      starved
      forgotten
      released
      announcementTxid
      publisherKey
      providerKey
      remote
      image
      isolation
      network
      resources { cpuMillis memoryBytes diskBytes pids }
      price { startMsat wallHour cpuHour memGiBHour diskGiBHour ioReadGiB ioWriteGiB netRxGiB netTxGiB pausedDiskGiBHour }
      hourlyMsat
      tickMs
      maxDurationS
      maxPauseS
      noticeMs
      revision
      soughtAt
      agreedAt
      servingSince
      tick
      owedMsat
      paidSats
      capacitySats
      toppedUpSats
      fundingTxid
      settlementTxid
      settlementHeight
      keyKept
      dataUntil
      insideProblem
      bill { item used price msat }
      inside { at tick strikes counts { item read billed beyond } }
      pauses { code by since next }
      notices { by code at endsAt withdrawn }
      end { code culprit why next at }
      forecast { by emptyAt emptyInS hourlyMsat low windowS }
      shell { host port user hostKey }
      channel { id state expiryHeight capacitySats fundingHeight }
      verdict { ok rules { rule ok want have } }
      receipt
    }
    offers(first: 1, filter: { lease: $ids }) { edges { node { hardware { cpuModel cores memoryBytes } } } }
  }
`)

type Found = ResultOf<typeof LEASE>
export type LeaseRow = NonNullable<Found['lease']>

export const isProviders = ({ side }: Pick<LeaseRow, 'side'>): boolean => side === 'PROVIDER'
/** Terms are agreed and it has not ended: what can be said of it, can be said. */
export const isRunning = ({ stage, end }: Pick<LeaseRow, 'stage' | 'end'>): boolean => stage === 'METER' && end === null
