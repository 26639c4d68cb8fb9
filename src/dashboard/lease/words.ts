import type { Change } from '../../../domain/lease/change.ts'
import type { LeaseFact } from '../../../domain/lease/facts.ts'
import { hourlyMsat } from '../../../domain/price.ts'
import { msatToSats, showNumber, showSize, showTime } from '../../../domain/shown.ts'
import type { Terms } from '../../../domain/terms.ts'

const sats = (of: bigint): string => `${showNumber(of)} sats`
const short = (of: string): string => `${of.slice(0, 12)}…`
const priceOf = ({ price, resources }: Terms): string =>
  `at most ${sats(msatToSats(hourlyMsat(price, resources)))} an hour`

const changeOf = ({ price, maxDurationMs, noticeMs, dataGraceMs }: Change): string =>
  [
    ...(price ? ['another price'] : []),
    ...(maxDurationMs === undefined ? [] : [`${showTime(maxDurationMs / 1_000)} in all`]),
    ...(noticeMs === undefined ? [] : [`${showTime(noticeMs / 1_000)} of notice`]),
    ...(dataGraceMs === undefined ? [] : [`data for ${showTime(dataGraceMs / 1_000)} after the end`]),
  ].join(', ')

/** What a fact says, in a sentence. Strangers' words are in it: it is shown as `Words`. */
export const wordsOf = (fact: LeaseFact): string => {
  switch (fact.type) {
    case 'lease.sought':
      return `The ${fact.side === 'publisher' ? 'publisher hears from a provider' : 'provider finds an announcement'} at ${fact.remote}`
    case 'lease.matched':
      return `The policy says yes to it by ${fact.verdict.rules.length} rules`
    case 'lease.connected':
      return `Connected over an encrypted stream with ${fact.remote}`
    case 'lease.challenged':
      return `The other side proved its chain key ${short(fact.peerKey)}`
    case 'lease.offered':
      return `The provider offers ${fact.terms.resources.cpuMillis / 1_000} cores, ${showSize(fact.terms.resources.memoryBytes)}, ${priceOf(fact.terms)}${fact.final ? ', finally' : ''}`
    case 'lease.countered':
      return `The publisher says ${priceOf(fact.terms)}${fact.final ? ', finally' : ''}`
    case 'lease.agreed':
      return `Both signed the same terms: ${priceOf(fact.terms)}`
    case 'lease.provisioned':
      return `The machine is there; its shell is ${fact.shell.user}`
    case 'lease.funded':
      return `The channel is funded with ${sats(fact.capacitySats)} by ${short(fact.txid)}`
    case 'lease.metered':
      return `Tick ${fact.tick}: ${sats(msatToSats(fact.owedMsat))} are owed in all, after ${showTime(Number(fact.usage.wallUs / 1_000_000n))}`
    case 'lease.inside-read':
      return fact.inside.beyond.length === 0
        ? `Read inside the machine at tick ${fact.inside.tick}: the bill fits`
        : `Read inside the machine at tick ${fact.inside.tick}: billed above it: ${fact.inside.beyond.join(', ')}`
    case 'lease.inside-unread':
      return `Nothing could be read inside the machine: ${fact.why}`
    case 'lease.paid':
      return `A voucher for ${sats(fact.paidSats)} in all, at tick ${fact.tick}`
    case 'lease.starved':
      return `No voucher after tick ${fact.tick} (${fact.why}): the machine stands still`
    case 'lease.noticed':
      return `The ${fact.by} says that it ends ${fact.endsAt === undefined ? 'now' : `at ${new Date(fact.endsAt).toLocaleString()}`} (${fact.code})`
    case 'lease.notice-withdrawn':
      return `The ${fact.by} takes its notice back`
    case 'lease.change-wanted':
      return `The ${fact.by} wants other terms: ${changeOf(fact.change)}`
    case 'lease.change-offered':
      return `The provider signed the other terms: ${priceOf(fact.terms)}`
    case 'lease.changed':
      return `Both signed other terms: ${priceOf(fact.terms)}, ${showTime(fact.terms.maxDurationMs / 1_000)} in all`
    case 'lease.change-refused':
      return `Nothing comes of the change (${fact.code}): ${fact.why}`
    case 'lease.pause-wanted':
      return `The publisher wants the machine to ${fact.paused ? 'stand still' : 'go on'}`
    case 'lease.paused':
      return `The machine stands still (${fact.code}): only its disk is owed`
    case 'lease.resumed':
      return `A reason to stand still is gone (${fact.code})`
    case 'lease.shrunk':
      return `The owner needs the machine: ${fact.cpuMillis / 1_000} cores are left for the lease`
    case 'lease.unshrunk':
      return 'All of the agreed cores are there again'
    case 'lease.ended':
      return `Ended: ${fact.code} (${fact.culprit}): ${fact.why}`
    case 'lease.released':
      return 'The machine and its data are gone'
    case 'lease.receipted':
      return `A receipt over ${sats(fact.signed.receipt.paidSats)}, signed by ${
        fact.signed.publisherSignature && fact.signed.providerSignature ? 'both sides' : 'one side'
      }`
    case 'lease.top-up-wanted':
      return `${sats(fact.sats)} more are wanted in it`
    case 'lease.topped-up':
      return `Topped up by ${sats(fact.capacitySats)}, ${short(fact.txid)}`
    case 'lease.top-up-refused':
      return `Nothing came of the top-up (${fact.code}): ${fact.why}`
    case 'lease.settled-in-part':
      return `A part is settled in block ${fact.height}: ${sats(fact.paidSats)}`
    case 'lease.settled':
      return `Settled in block ${fact.height}: ${sats(fact.paidSats)} to the provider, by ${short(fact.txid)}`
    case 'lease.refunded':
      return `The publisher has everything back, in block ${fact.height}`
    case 'lease.lapsed':
      return `Lapsed in ${fact.stage}: ${fact.code} (${fact.culprit})`
    case 'lease.refused':
      return `Refused: ${fact.code} (${fact.culprit}): ${fact.why}`
    case 'lease.failed':
      return `Failed: ${fact.code} (${fact.culprit}): ${fact.why}`
  }
}
