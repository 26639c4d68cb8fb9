import type { Span } from '../../../domain/availability/availability.ts'
import { reasonOf } from '../../../domain/lease/ends.ts'
import type { LeaseFact } from '../../../domain/lease/facts.ts'
import { hourlyMsat } from '../../../domain/price.ts'
import type { Recorded } from '../../journal/port.ts'
import { showAvailability } from '../availability.ts'
import { msatToSats, showNumber, showSize } from '../quantity.ts'

const MINUTE_MS = 60_000

type Running = { paidSats: bigint; toldAt: number; hasMachine: boolean; hasMoney: boolean; isServing: boolean }

/** What a provider's leases come to, folded from their facts. Lines hold text of strangers: escape them before they are shown. */
export type Earnings = {
  /** The line for a fact that a person wants to hear of. */
  told(recorded: Recorded): string | undefined
  /** What runs and what was earned, on one line. */
  summary(): string
  /** How many leases have money that is not in a block yet. */
  unsettled(): number
  /** For each lease whose earnings were not told for a minute: how much it is by now. */
  minuteNotes(): string[]
}

export const openEarnings = (): Earnings => {
  const running = new Map<string, Running>()
  let settledSats = 0n
  let now = 0
  const unsettledSats = () => [...running.values()].reduce((sum, { paidSats }) => sum + paidSats, 0n)
  const sats = (amount: bigint) => `${showNumber(amount)} sats`

  const lease = (id: string): Running => {
    const known = running.get(id)
    if (known) return known
    const begun = { paidSats: 0n, toldAt: now, hasMachine: false, hasMoney: false, isServing: false }
    running.set(id, begun)
    return begun
  }
  /** Once: when machine and money are both there. */
  const serving = (it: Running): string | undefined => {
    if (it.isServing || !it.hasMachine || !it.hasMoney) return undefined
    it.isServing = true
    return 'running: the machine is open and is paid for'
  }
  const over = (id: string, line: string): string => {
    running.delete(id)
    return line
  }

  const lineOf = (id: string, fact: LeaseFact): string | undefined => {
    switch (fact.type) {
      case 'lease.sought':
        return `matched: announcement ${fact.announcement.slice(0, 12)} of ${fact.publisherKey.slice(0, 12)} at ${fact.remote}`
      case 'lease.offered': {
        const { resources: it, image, price } = fact.terms
        const size = `${it.cpuMillis / 1_000} cores, ${showSize(it.memoryBytes)}, disk ${showSize(it.diskBytes)}`
        return `offered: ${image}, ${size}, at most ${sats(msatToSats(hourlyMsat(price, it)))} an hour${fact.availability ? `; there ${thereOf(fact.availability.month)}` : ''}`
      }
      case 'lease.countered':
        return `countered: at most ${sats(msatToSats(hourlyMsat(fact.terms.price, fact.terms.resources)))} an hour`
      case 'lease.agreed':
        return `agreed: at most ${sats(msatToSats(hourlyMsat(fact.terms.price, fact.terms.resources)))} an hour`
      case 'lease.provisioned':
        lease(id).hasMachine = true
        return serving(lease(id))
      case 'lease.funded':
        lease(id).hasMoney = true
        return serving(lease(id))
      case 'lease.paid':
        lease(id).paidSats = fact.paidSats
        return undefined
      case 'lease.starved':
        return `starved: ${fact.why}; the machine stands still`
      case 'lease.paused':
        return `paused: ${fact.code}; only the disk is paid for`
      case 'lease.resumed':
        return `not paused any more: ${fact.code}`
      case 'lease.shrunk':
        return `shrunk: ${fact.cpuMillis / 1_000} cores until the owner of this machine needs less`
      case 'lease.unshrunk':
        return 'not shrunk any more'
      case 'lease.ended':
        return `ended: ${fact.code} (${fact.culprit}); earned ${sats(lease(id).paidSats)}. ${reasonOf(fact.code).next}`
      case 'lease.settled':
        settledSats += fact.paidSats
        return over(id, `settled: earned ${sats(fact.paidSats)}, transaction ${fact.txid} in block ${fact.height}`)
      case 'lease.refunded':
        return over(id, `refunded: earned nothing, transaction ${fact.txid}`)
      case 'lease.lapsed':
        return over(id, `lapsed in ${fact.stage}: ${fact.code} (${fact.culprit}). ${reasonOf(fact.code).next}`)
      case 'lease.refused':
      case 'lease.failed':
        return over(
          id,
          `${fact.type.slice('lease.'.length)}: ${fact.code} (${fact.culprit}): ${fact.why}. ${reasonOf(fact.code).next}`,
        )
      case 'lease.topped-up':
        return `topped up: ${sats(fact.capacitySats)} more are locked, and count once they are in a block`
      case 'lease.settled-in-part':
        return `settled in part: ${sats(fact.paidSats)}, transaction ${fact.txid} in block ${fact.height}`
      case 'lease.noticed':
        return `notice: the ${fact.by} ends it ${fact.endsAt === undefined ? 'now' : `at ${new Date(fact.endsAt).toISOString()}`}`
      case 'lease.notice-withdrawn':
        return `notice: the ${fact.by} took its notice back`
      case 'lease.changed':
        return `changed: at most ${sats(msatToSats(hourlyMsat(fact.terms.price, fact.terms.resources)))} an hour, ${fact.terms.maxDurationMs / 1_000} s in all`
      case 'lease.change-refused':
        return `not changed: ${fact.code}: ${fact.why}`
      case 'lease.change-wanted':
      case 'lease.change-offered':
      case 'lease.pause-wanted':
      case 'lease.top-up-wanted':
      case 'lease.top-up-refused':
      case 'lease.matched':
      case 'lease.connected':
      case 'lease.challenged':
      case 'lease.inside-read':
      case 'lease.inside-unread':
      case 'lease.metered':
      case 'lease.released':
      case 'lease.receipted':
        return undefined
    }
  }

  return {
    told({ stream, fact }) {
      now = fact.at
      const id = stream.slice('lease-'.length)
      const line = lineOf(id, fact as LeaseFact)
      return line && `lease ${id.slice(0, 12)}  ${line}`
    },
    summary: () =>
      running.size === 0
        ? `waiting for announcements that match; earned ${sats(settledSats)} so far`
        : `${running.size} lease(s); earned ${sats(settledSats + unsettledSats())} so far, ${sats(settledSats)} of it settled`,
    unsettled: () => [...running.values()].filter(({ hasMoney }) => hasMoney).length,
    minuteNotes() {
      const due = [...running].filter(([, it]) => it.isServing && now - it.toldAt >= MINUTE_MS)
      return due.map(([id, it]) => {
        it.toldAt = now
        return `lease ${id.slice(0, 12)}  earned ${sats(it.paidSats)} so far`
      })
    },
  }
}

const thereOf = ({ spanMs, lentPermille, fullPermille }: Span): string =>
  showAvailability({
    spanS: spanMs / 1_000,
    lentShare: lentPermille / 1_000,
    served: { fullShare: fullPermille === undefined ? null : fullPermille / 1_000 },
  })
