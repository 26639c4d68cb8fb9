import type { Fact } from '../../../domain/fact.ts'
import { channelStream, leaseStream } from '../../../domain/ids.ts'
import type { LeaseFact } from '../../../domain/lease/facts.ts'
import { owedUnder } from '../../../domain/terms.ts'
import type { Entry } from '../../../src/dashboard/lease/entry.ts'
import type { Journal } from '../../../src/journal/port.ts'
import { LEASE_ID, leaseFacts, usageAt } from '../../domain/lease/sample.ts'
import { sampleReceipt } from '../../domain/lease/sample-receipt.ts'

export const FILE = sampleReceipt()
const { terms, publisherSignature, providerSignature } = FILE.agreed!
export const [CHANNEL] = FILE.channels as readonly [(typeof FILE.channels)[number]]
export const PAID_SATS = FILE.receipt.paidSats
/** The tick whose voucher is a real one. */
export const PAID_TICK = 3
const { txid, vout, raw } = CHANNEL.funding
export const AT = Date.now() - 60_000

/** Up to where machine and money are there: every signature and key is a real one. */
const begun: readonly LeaseFact[] = [
  { ...leaseFacts()['lease.sought'], publisherKey: terms.publisherKey, announcement: terms.announcement },
  leaseFacts()['lease.matched'],
  leaseFacts()['lease.connected'],
  { ...leaseFacts()['lease.challenged'], peerKey: terms.providerKey },
  { ...leaseFacts()['lease.offered'], terms },
  { type: 'lease.agreed', at: AT, terms, publisherSignature, providerSignature },
  leaseFacts()['lease.provisioned'],
  { type: 'lease.funded', at: AT, txid, vout, capacitySats: terms.channel.capacitySats },
  { type: 'lease.paid', at: AT, tick: 0, paidSats: 1_000n },
]
export const BEGUN: readonly LeaseFact[] = begun.map((fact, i) => ({ ...fact, at: AT + i * 100 }))

export const metered = (tick: number): LeaseFact => {
  const usage = usageAt(tick)
  return { type: 'lease.metered', at: AT + 1_000 + tick * 1_000, tick, usage, owedMsat: owedUnder(terms, usage) }
}
export const paid = (tick: number, paidSats = PAID_SATS): LeaseFact => ({
  type: 'lease.paid',
  at: AT + 1_050 + tick * 1_000,
  tick,
  paidSats,
})

/** Three ticks, the last one paid. */
export const LIVED: readonly LeaseFact[] = [...BEGUN, metered(1), metered(2), metered(3), paid(PAID_TICK)]

export const entriesOf = (facts: readonly LeaseFact[]): Entry[] => facts.map((fact, i) => ({ version: i + 1, fact }))

/** Writes that lease and its channel, each payment in one unit. @returns the newest position */
export const writeStory = async (journal: Journal): Promise<number> => {
  const [lease, channel] = [leaseStream(LEASE_ID), channelStream(LEASE_ID)]
  const own: readonly Fact[] = [
    { type: 'channel.proposed', at: AT, terms: terms.channel } as Fact,
    { type: 'channel.funded', at: AT, txid, vout, raw } as Fact,
    { type: 'channel.opened', at: AT, height: 100 } as Fact,
  ]
  await journal.transact([{ stream: lease, expected: 0, facts: LIVED.slice(0, -1) as readonly Fact[] }])
  await journal.transact([{ stream: channel, expected: 0, facts: own }])
  const voucher = { type: 'channel.paid', at: AT, paid: PAID_SATS, signature: CHANNEL.voucher!.signature } as Fact
  return journal.transact(
    [
      { stream: lease, expected: LIVED.length - 1, facts: [LIVED.at(-1) as Fact] },
      { stream: channel, expected: own.length, facts: [voucher] },
    ],
    { commandId: 'pay-3' },
  )
}
export const PROVIDED = 'd'.repeat(32)

/** The same lease as its provider's node has it. @returns the newest position */
export const writeProvided = (journal: Journal): Promise<number> => {
  const [sought, ...rest] = LIVED
  const own = { ...sought!, side: 'provider', leaseId: PROVIDED }
  return journal.transact([{ stream: leaseStream(PROVIDED), expected: 0, facts: [own, ...rest] as readonly Fact[] }])
}

export { LEASE_ID }
