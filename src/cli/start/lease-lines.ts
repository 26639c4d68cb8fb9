import type { LeaseFact } from '../../../domain/lease/facts.ts'
import { hourlyMsat } from '../../../domain/price.ts'
import { grouped, MARGIN, satsOf } from './screen.ts'

/** What a person is told of a lease's fact; [] when nothing. */
export const linesOf = (fact: LeaseFact): readonly string[] => {
  switch (fact.type) {
    case 'lease.connected':
      return [`  2 connect    a provider called from ${fact.remote}, over an encrypted stream`]
    case 'lease.challenged':
      return [`  3 challenge  both proved their chain keys; the provider is ${fact.peerKey.slice(0, 16)}…`]
    case 'lease.agreed': {
      const { price, resources, isolation } = fact.terms
      const hourly = grouped(hourlyMsat(price, resources) / 1000n)
      return [`  4 negotiate  both signed the same terms: ${hourly} sats an hour of full use, isolation ${isolation}`]
    }
    case 'lease.provisioned':
      return ['  5 provision  the machine is up; its SSH host key is in the signed terms']
    case 'lease.funded':
      return [`${MARGIN}channel funded with ${grouped(fact.capacitySats)} sats, transaction ${fact.txid.slice(0, 16)}…`]
    case 'lease.metered': {
      const { wallUs, cpuUs } = fact.usage
      return [
        `  6 meter      tick ${fact.tick}: ${seconds(wallUs)} s, CPU ${seconds(cpuUs)} s, owed ${satsOf(fact.owedMsat)} sats`,
      ]
    }
    case 'lease.paid':
      return fact.tick === 0 ? [] : [`${MARGIN}voucher signed: ${grouped(fact.paidSats)} sats so far`]
    case 'lease.ended':
      return [`  7 settle     ended: ${fact.code}; waiting until the close is in a block`]
    case 'lease.receipted': {
      const { receipt, publisherSignature, providerSignature } = fact.signed
      if (!publisherSignature || !providerSignature) return []
      return [
        `${MARGIN}receipt signed by both: ${receipt.ticks} ticks, ${satsOf(receipt.owedMsat)} sats owed, ${grouped(receipt.paidSats)} paid`,
      ]
    }
    case 'lease.settled':
      return [
        `${MARGIN}settled: ${grouped(fact.paidSats)} sats to the provider, in block ${fact.height}`,
        `${MARGIN}transaction ${fact.txid}`,
      ]
    case 'lease.refused':
    case 'lease.failed':
      return [`${MARGIN}${fact.type.slice('lease.'.length)}: ${fact.code} (${fact.culprit}): ${fact.why}`]
    case 'lease.lapsed':
      return [`${MARGIN}lapsed in ${fact.stage}: ${fact.code} (${fact.culprit})`]
    default:
      return []
  }
}

const seconds = (us: bigint): string => (Number(us / 1000n) / 1000).toFixed(2)
