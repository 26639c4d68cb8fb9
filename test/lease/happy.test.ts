import { describe, expect, it } from 'vitest'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { owedMsat } from '../../domain/price.ts'
import { inRig, leaseOf, type Rig } from './rig.ts'

type Settled = Extract<LeaseFact, { type: 'lease.settled' }>
const TIMEOUT_MS = 60_000

/** Lets the lease run for some ticks, stops it, and sees both sides settle. */
const runToEnd = async ({ publisher, provider, mineUntil }: Rig, ticks = 5): Promise<void> => {
  await publisher.fact('lease.paid', undefined, ticks)
  const { context } = await leaseOf(publisher)
  await publisher.publisher.stopLease(context.leaseId)
  await mineUntil(Promise.all([publisher.fact('lease.settled'), provider.fact('lease.settled')]))
}

describe.concurrent('a lease that goes well', { timeout: TIMEOUT_MS }, () => {
  it(
    'goes from announced to settled, to the sat on both sides and on the chain',
    inRig({}, async (rig) => {
      const { publisher, provider, node } = rig
      const txid = await publisher.rent()
      await runToEnd(rig)
      await provider.fact('lease.released')
      const [theirs, ours] = [await leaseOf(publisher), await leaseOf(provider)]
      expect(ours.context.tick).toBeGreaterThan(0)
      expect(theirs.context.receipt).toEqual(ours.context.receipt)
      expect(ours.context.receipt).toMatchObject({
        publisherSignature: expect.any(String),
        providerSignature: expect.any(String),
        receipt: { code: 'stopped-by-publisher', culprit: 'publisher', paidSats: ours.context.paidSats },
      })
      const { terms, usage, paidSats, funding } = ours.context
      expect(theirs.context.paidSats).toBe(paidSats)
      expect(ours.context.owedMsat).toBe(owedMsat(terms!.price, usage))
      const settled = (await provider.facts('lease.settled'))[0] as Settled
      expect((await publisher.facts('lease.settled'))[0]).toMatchObject({ paidSats, txid: settled.txid })
      expect(settled.paidSats).toBe(paidSats)

      const close = (await node.transaction(settled.txid))!.tx
      const { capacitySats, publisherScript } = terms!.channel
      expect(close.outputs[0]!.value).toBe(capacitySats - paidSats)
      expect(Buffer.from(close.outputs[0]!.script).toString('hex')).toBe(publisherScript)
      const fee = capacitySats - close.outputs.reduce((sum, output) => sum + output.value, 0n)
      await rig.mineUntil(provider.fact('wallet.received'))
      expect((await provider.life.wallet.balance()).confirmed).toBe(paidSats - fee)

      await rig.mineUntil(publisher.fact('announcement.withdrawn'))
      await rig.mineUntil(
        (async () => {
          for (;;) {
            const balance = await publisher.life.wallet.balance()
            if (balance.unconfirmed === 0n && balance.reserved === 0n) return
            await new Promise((resolve) => setTimeout(resolve, 20))
          }
        })(),
      )
      const history = await publisher.life.wallet.history()
      const fees = history.reduce((sum, entry) => sum + (entry.fee ?? 0n), 0n)
      expect((await publisher.life.wallet.balance()).confirmed).toBe(node.network.subsidy - paidSats - fees)
      expect(history.filter(({ purpose }) => purpose === 'funding')).toHaveLength(1)
      expect(
        (await publisher.facts('announcement.posted')).map((fact) => (fact as never as { txid: string }).txid),
      ).toEqual([txid])
      expect(provider.machines.calls.map((call) => call.split(' ')[0])).toEqual(['create', 'freeze', 'remove'])
      expect(funding).toBeDefined()
    }),
  )
})
