import type { AnnouncementFact } from '../../domain/announcement/facts.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { hourlyMsat } from '../../domain/price.ts'
import type { Terms } from '../../domain/terms.ts'

type MarketFact =
  | AnnouncementFact
  | Extract<
      LeaseFact,
      {
        type:
          | 'lease.sought'
          | 'lease.offered'
          | 'lease.countered'
          | 'lease.agreed'
          | 'lease.ended'
          | 'lease.settled'
          | 'lease.refunded'
          | 'lease.lapsed'
          | 'lease.refused'
          | 'lease.failed'
      }
    >

/** Types of the facts that the market feed tells of. */
export const MARKET_FACTS: readonly MarketFact['type'][] = [
  'announcement.posted',
  'announcement.seen',
  'announcement.unseen',
  'announcement.lost',
  'announcement.confirmed',
  'announcement.unconfirmed',
  'announcement.described',
  'announcement.judged',
  'announcement.withdrawn',
  'announcement.restored',
  'announcement.expired',
  'announcement.unexpired',
  'lease.sought',
  'lease.offered',
  'lease.countered',
  'lease.agreed',
  'lease.ended',
  'lease.settled',
  'lease.refunded',
  'lease.lapsed',
  'lease.refused',
  'lease.failed',
]

/**
 * What a fact shows in the market feed: fields are named one by one, so that what is added to a fact later stays private.
 * Orders, authorized keys, addresses of peers, scripts and signatures are left out.
 */
export const marketView = (fact: MarketFact): Record<string, unknown> => {
  switch (fact.type) {
    case 'announcement.posted':
    case 'announcement.described':
      return { body: fact.body }
    case 'announcement.seen':
      return { author: fact.author, bondSats: fact.bondSats, record: fact.record }
    case 'announcement.confirmed':
    case 'announcement.expired':
      return { height: fact.height }
    case 'announcement.judged':
      return { verdict: fact.verdict }
    case 'announcement.withdrawn':
      return { by: fact.by }
    case 'announcement.unseen':
    case 'announcement.lost':
    case 'announcement.unconfirmed':
    case 'announcement.restored':
    case 'announcement.unexpired':
      return {}
    case 'lease.sought':
      return { side: fact.side, announcement: fact.announcement, publisherKey: fact.publisherKey }
    case 'lease.offered': {
      const { terms, hardware, availability, final } = fact
      return { ...publicTerms(terms), hardware, ...(availability && { availability }), final }
    }
    case 'lease.countered':
      return { ...publicTerms(fact.terms), final: fact.final }
    case 'lease.agreed':
      return publicTerms(fact.terms)
    case 'lease.ended':
    case 'lease.lapsed':
    case 'lease.refused':
    case 'lease.failed':
      return { code: fact.code, culprit: fact.culprit }
    case 'lease.settled':
      return { txid: fact.txid, height: fact.height, paidSats: fact.paidSats }
    case 'lease.refunded':
      return { txid: fact.txid, height: fact.height }
  }
}

const publicTerms = (terms: Terms): Record<string, unknown> => ({
  announcement: terms.announcement,
  publisherKey: terms.publisherKey,
  providerKey: terms.providerKey,
  image: terms.image,
  resources: terms.resources,
  isolation: terms.isolation,
  machineNetwork: terms.machineNetwork,
  price: terms.price,
  hourlyMsat: hourlyMsat(terms.price, terms.resources),
  maxDurationMs: terms.maxDurationMs,
})
