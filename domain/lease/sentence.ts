import { hourlyMsat } from '../price.ts'
import { msatToSats, showNumber, showSize, showTime } from '../shown.ts'
import type { Terms } from '../terms.ts'
import type { Change } from './change.ts'
import { reasonOf } from './ends.ts'
import type { LeaseFact } from './facts.ts'

const sats = (amount: bigint): string => `${showNumber(amount)} sats`
const termsLine = ({ image, resources: it, price, maxDurationMs }: Terms): string =>
  `${image}, ${it.cpuMillis / 1_000} cores, ${showSize(it.memoryBytes)}, disk ${showSize(it.diskBytes)}, ` +
  `at most ${sats(msatToSats(hourlyMsat(price, it)))} an hour for ${showTime(maxDurationMs / 1_000)}`
const seconds = (us: bigint): string => (Number(us / 1_000n) / 1_000).toFixed(2)
const failure = (fact: Extract<LeaseFact, { type: 'lease.refused' | 'lease.failed' }>): string =>
  `${fact.code}, by ${fact.culprit}: ${fact.why}. ${reasonOf(fact.code).next}`

const changeLine = ({ price, maxDurationMs, noticeMs, dataGraceMs }: Change): string =>
  [
    ...(price ? ['another price'] : []),
    ...(maxDurationMs === undefined ? [] : [`${showTime(maxDurationMs / 1_000)} in all`]),
    ...(noticeMs === undefined ? [] : [`${showTime(noticeMs / 1_000)} of notice`]),
    ...(dataGraceMs === undefined ? [] : [`data for ${showTime(dataGraceMs / 1_000)} after the end`]),
  ].join(', ')

/** A fact of a lease as a sentence. Text of the other side is in it: escape it before it is shown. */
export const sentenceOf = (fact: LeaseFact): string => {
  switch (fact.type) {
    case 'lease.sought':
      return fact.side === 'provider'
        ? `the announcement ${fact.announcement.slice(0, 12)} could be served here; its publisher listens at ${fact.remote}`
        : `a provider called from ${fact.remote}`
    case 'lease.matched':
      return 'every rule of the provider says yes'
    case 'lease.connected':
      return `an encrypted stream with ${fact.remote}`
    case 'lease.challenged':
      return `the other side proved its key ${fact.peerKey.slice(0, 16)}`
    case 'lease.offered':
      return `the provider offers ${termsLine(fact.terms)}${fact.final ? ', and no less' : ''}`
    case 'lease.countered':
      return `the publisher wants ${termsLine(fact.terms)}${fact.final ? ', and no less' : ''}`
    case 'lease.agreed':
      return `both signed ${termsLine(fact.terms)}`
    case 'lease.provisioned':
      return `the machine is up; log in as ${fact.shell.user}`
    case 'lease.funded':
      return `${sats(fact.capacitySats)} are locked by the transaction ${fact.txid}`
    case 'lease.metered':
      return `tick ${fact.tick}: ${seconds(fact.usage.wallUs)} s, CPU ${seconds(fact.usage.cpuUs)} s, owed ${sats(msatToSats(fact.owedMsat))}`
    case 'lease.inside-read':
      return `the publisher read the counters inside, up to tick ${fact.inside.tick}`
    case 'lease.inside-unread':
      return `nothing is read inside: ${fact.why}`
    case 'lease.paid':
      return `a voucher for ${sats(fact.paidSats)} in all`
    case 'lease.starved':
      return `tick ${fact.tick} is not paid (${fact.why}): the machine stands still`
    case 'lease.noticed':
      return `the ${fact.by} says that it ends${fact.endsAt === undefined ? ' now' : ` at ${new Date(fact.endsAt).toISOString()}`}: ${fact.code}`
    case 'lease.notice-withdrawn':
      return `the ${fact.by} took that back: it goes on`
    case 'lease.change-wanted':
      return `the ${fact.by} wants other terms: ${changeLine(fact.change)}`
    case 'lease.change-offered':
      return 'the provider signed other terms'
    case 'lease.changed':
      return `both signed other terms: ${termsLine(fact.terms)}`
    case 'lease.change-refused':
      return `the terms stay as they are: ${fact.code}: ${fact.why}`
    case 'lease.pause-wanted':
      return fact.paused ? 'this side wants it to stand still' : 'this side wants it to go on'
    case 'lease.paused':
      return `the machine stands still: ${fact.code}; only its disk is owed`
    case 'lease.resumed':
      return `no reason to stand still any more: ${fact.code}`
    case 'lease.shrunk':
      return `the owner needs the machine: the lease gets ${fact.cpuMillis / 1_000} cores`
    case 'lease.unshrunk':
      return 'the lease gets all of its cores again'
    case 'lease.ended':
      return `ended: ${fact.code}, by ${fact.culprit}: ${fact.why}. ${reasonOf(fact.code).next}`
    case 'lease.released':
      return 'the machine and its data are gone'
    case 'lease.receipted':
      return `the receipt: ${sats(fact.signed.receipt.paidSats)} paid in ${fact.signed.receipt.ticks} ticks`
    case 'lease.top-up-wanted':
      return `${sats(fact.sats)} more are to be locked`
    case 'lease.topped-up':
      return `${sats(fact.capacitySats)} more are locked by the transaction ${fact.txid}`
    case 'lease.top-up-refused':
      return `no more is locked: ${fact.code}: ${fact.why}`
    case 'lease.settled-in-part':
      return `${sats(fact.paidSats)} of it are settled by the transaction ${fact.txid} in block ${fact.height}`
    case 'lease.settled':
      return `settled: ${sats(fact.paidSats)} to the provider by the transaction ${fact.txid} in block ${fact.height}`
    case 'lease.refunded':
      return `refunded by the transaction ${fact.txid} in block ${fact.height}`
    case 'lease.lapsed':
      return `it took too long in ${fact.stage}: ${fact.code}, by ${fact.culprit}. ${reasonOf(fact.code).next}`
    case 'lease.refused':
      return `refused: ${failure(fact)}`
    case 'lease.failed':
      return `failed: ${failure(fact)}`
  }
}
