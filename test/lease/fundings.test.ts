import { describe, expect, it } from 'vitest'
import { fundingOutput } from '../../domain/channel/script.ts'
import { isRefusal } from '../../domain/fact.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import type { WalletFact } from '../../domain/wallet/facts.ts'
import { systemClock } from '../../src/clock/system.ts'
import { Fundings } from '../../src/lease/publisher/fundings.ts'
import { sidesOf } from '../channel/sides.ts'
import { eventually } from './eventually.ts'
import { channelOf, inRig, type Rig, type RigPublisher } from './rig.ts'

type Funded = Extract<LeaseFact, { type: 'lease.funded' }>
type Sent = Extract<WalletFact, { type: 'wallet.sent' }>
const TIMEOUT_MS = 90_000

const fundingsIn = async ({ publisher }: Rig): Promise<Sent[]> =>
  ((await publisher.facts('wallet.sent')) as unknown as Sent[]).filter(({ purpose }) => purpose === 'funding')

/** Transactions in a row that wait for a block, as nodes take them. Source: Bitcoin Core's `-limitancestorcount`. */
const MAX_IN_A_ROW = 25
/** A payment of which most comes back as change. */
const pay = async ({ life }: RigPublisher, i: number): Promise<void> => {
  const outputs = [{ value: 10_000n, script: sidesOf(1, 5_000).params.publisherScript }]
  const sent = await life.wallet.pay({ outputs, purpose: 'payment', reference: `${i}` })
  if (isRefusal(sent)) throw new Error(`${sent.refused}: ${sent.why}`)
}

describe.concurrent('fundings of a publisher', { timeout: TIMEOUT_MS }, () => {
  it(
    'of offers that are accepted together are one transaction, and each lease is settled by itself',
    inRig({ providers: [{}, {}, {}] }, async (rig) => {
      const { publisher, providers } = rig
      await publisher.rent({ body: { count: 3 }, order: { offerWindowMs: 2_000 } })
      await publisher.fact('lease.funded', undefined, 3)
      await publisher.fact('lease.paid', undefined, 9)
      const funded = (await publisher.facts('lease.funded')) as Funded[]
      expect(new Set(funded.map(({ txid }) => txid)).size).toBe(1)
      expect(new Set(funded.map(({ vout }) => vout)).size).toBe(3)
      const [sent, ...more] = await fundingsIn(rig)
      expect(more).toEqual([])
      expect([sent!.reference, ...sent!.also!]).toHaveLength(3)
      const leases = (await publisher.facts('lease.sought')).map(({ leaseId }) => leaseId)
      for (const leaseId of leases) await publisher.publisher.stopLease(leaseId)
      await rig.mineUntil(
        Promise.all([
          publisher.fact('lease.settled', undefined, 3),
          ...providers.map((one) => one.fact('lease.settled')),
        ]),
      )
      for (const leaseId of leases) expect((await channelOf(publisher, leaseId)).value).toBe('closed')
    }),
  )

  it(
    'are made one by one where the coins do not do for all',
    inRig({ providers: [{}, {}] }, async (rig) => {
      const { publisher } = rig
      const order = { capacitySats: 3_000_000_000n, offerWindowMs: 2_000 }
      await publisher.rent({ body: { count: 2 }, order })
      await publisher.fact('lease.funded')
      expect(await publisher.fact('lease.failed')).toMatchObject({ code: 'insufficient-funds' })
      expect((await fundingsIn(rig)).map(({ also }) => also)).toEqual([undefined])
      await rig.mineUntil(publisher.fact('channel.opened'))
    }),
  )

  it(
    'wait for a block when no more unconfirmed coins in a row are taken, and the lease goes on',
    inRig({}, async (rig) => {
      const { publisher } = rig
      // Two more are the announcement and what it is paid from.
      for (let i = 0; i < MAX_IN_A_ROW - 2; i++) await pay(publisher, i)
      await publisher.rent()
      await eventually('the funding was refused', async () =>
        (await publisher.facts('wallet.dropped')).some((fact) => (fact as { reason?: string }).reason === 'refused'),
      )
      expect(await publisher.facts('lease.funded')).toEqual([])
      await rig.mine()
      await publisher.fact('lease.paid', undefined, 2)
      expect((await fundingsIn(rig)).length).toBeGreaterThan(1)
      for (const side of [publisher, rig.provider])
        for (const type of ['lease.refused', 'lease.failed'] as const) expect(await side.facts(type)).toEqual([])
    }),
  )

  it(
    'take a coin that is in a block where one waits behind too many others',
    inRig({ coins: 2, providers: [] }, async ({ publisher }) => {
      for (let i = 0; i < 2 * MAX_IN_A_ROW; i++) await pay(publisher, i)
      await expect(pay(publisher, 2 * MAX_IN_A_ROW)).rejects.toMatchObject({ reason: 'too-long-mempool-chain' })
    }),
  )

  it(
    'that were paid before a crash are found again, also one of several',
    inRig({ providers: [] }, async (rig) => {
      const { wallet } = rig.publisher.life
      const channels = [1, 2, 3].map((n) => ({ id: `${n}`.repeat(32), params: sidesOf(n, 5_000).params }))
      const fundings = new Fundings({ wallet, clock: systemClock })
      const [first, second] = channels.slice(0, 2).map(({ id, params }) => fundings.fund(id, params))
      expect(await first).toBe(await second)
      const again = new Fundings({ wallet, clock: systemClock })
      const found = await Promise.all(channels.slice(1).map(({ id, params }) => again.fund(id, params)))
      const ids = found.map((tx) => tx.outputs.map(({ value }) => value))
      expect(found[0]).toEqual(await first)
      expect(ids[1]).toContain(fundingOutput(channels[2]!.params).value)
      expect(await fundingsIn(rig)).toHaveLength(2)
      // Some of it paid and some not: nobody may pay any of it twice.
      const outputs = channels.slice(1).map(({ params }) => fundingOutput(params))
      const also = [`funding-${channels[2]!.id}`]
      const mixed = await wallet.pay({ outputs, purpose: 'funding', reference: `funding-${channels[1]!.id}`, also })
      expect(mixed).toMatchObject({ refused: 'bad-reference' })
    }),
  )
})
