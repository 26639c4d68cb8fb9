import type { Availability, Served } from '../domain/availability/availability.ts'
import type { Hardware, LeaseFact } from '../domain/lease/facts.ts'
import { hourlyMsat, type PriceVector } from '../domain/price.ts'
import type { Resources } from '../domain/resources.ts'
import { sortKey } from './sort-key.ts'
import type { Table } from './table.ts'

/** `replaced`: the same provider offered again. `refused`: the lease was not made. */
export type OfferStatus = 'open' | 'replaced' | 'agreed' | 'refused'

/** One offer of a provider: a row for each `lease.offered`. */
export type OfferRow = {
  /** Lease id and number: `<lease>.1`, `<lease>.2` … */
  readonly id: string
  readonly lease: string
  /** Txid. */
  readonly announcement: string
  readonly provider: string
  readonly image: string
  readonly resources: Resources
  readonly price: PriceVector
  /** Full use for an hour, msat. */
  readonly hourlyMsat: bigint
  /** What the publisher said instead, per hour of full use, msat. */
  readonly counterHourlyMsat?: bigint
  readonly hardware: Hardware
  /** What the provider says of itself, and what this publisher saw of it before; absent while there was nothing to tell. */
  readonly availability?: Availability
  readonly seen?: Served
  readonly final: boolean
  readonly status: OfferStatus
  readonly at: number
  /** Position of its first fact: the order of lists, which never changes. */
  readonly began: number
  readonly position: number
}

export const offers = {
  name: 'offers',
  version: 3,
  types: ['lease.offered', 'lease.countered', 'lease.agreed', 'lease.lapsed', 'lease.refused', 'lease.failed'],
  columns: {
    began: (row) => row.began,
    lease: (row) => row.lease,
    announcement: (row) => row.announcement,
    provider: (row) => row.provider,
    status: (row) => row.status,
    at: (row) => row.at,
    hourlyMsat: (row) => sortKey(row.hourlyMsat),
  },
  fold({ stream, position, fact }, rows) {
    const lease = stream.slice('lease-'.length)
    let number = 0
    while (rows.get(`${lease}.${number + 1}`) !== undefined) number++
    const newest = rows.get(`${lease}.${number}`)
    const open = newest?.status === 'open' ? newest : undefined
    const update = (change: Partial<OfferRow>): void => {
      if (open !== undefined) rows.put(open.id, { ...open, ...change, position })
    }
    switch (fact.type) {
      case 'lease.offered': {
        const { terms, hardware, availability, seen, final, at } = fact
        update({ status: 'replaced' })
        const id = `${lease}.${number + 1}`
        rows.put(id, {
          id,
          lease,
          announcement: terms.announcement.split(':')[0]!,
          provider: terms.providerKey,
          image: terms.image,
          resources: terms.resources,
          price: terms.price,
          hourlyMsat: hourlyMsat(terms.price, terms.resources),
          hardware,
          ...(availability && { availability }),
          ...(seen && { seen }),
          final,
          status: 'open',
          at,
          began: position,
          position,
        })
        break
      }
      case 'lease.countered':
        update({ counterHourlyMsat: hourlyMsat(fact.terms.price, fact.terms.resources) })
        break
      case 'lease.agreed': {
        const { price, resources } = fact.terms
        update({ status: 'agreed', price, hourlyMsat: hourlyMsat(price, resources) })
        break
      }
      case 'lease.lapsed':
      case 'lease.refused':
      case 'lease.failed':
        update({ status: 'refused' })
    }
  },
} satisfies Table<OfferRow, OfferFact>

type OfferFact = Extract<
  LeaseFact,
  {
    type: 'lease.offered' | 'lease.countered' | 'lease.agreed' | 'lease.lapsed' | 'lease.refused' | 'lease.failed'
  }
>
