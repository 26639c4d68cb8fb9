import { describe, expect, it } from 'vitest'
import { fromHex } from '../../domain/bytes.ts'
import { decodeTransaction, transactionId } from '../../domain/chain/codec.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { eventually } from './eventually.ts'
import { channelOf, inRig, leaseOf } from './rig.ts'

type Refunded = Extract<LeaseFact, { type: 'lease.refunded' }>
type Refunding = { readonly type: 'channel.refunding'; readonly raw: string }

describe('a refund', { timeout: 60_000 }, () => {
  it.each(['', ', also after a restart'])('that a deep reorganisation lost is made again%s', async (restart) =>
    inRig({ providers: [{ terms: { reconnectMs: 1_000, graceTicks: 5 } }] }, async (rig) => {
      const { publisher, provider, node } = rig
      await publisher.rent({ body: { maxDurationMs: 60_000 } })
      await rig.mineUntil(publisher.fact('channel.opened'))
      await publisher.fact('lease.paid', undefined, 3)
      // It never comes back: neither a machine nor a close.
      await provider.stop()
      await publisher.fact('lease.ended')
      const { leaseId, terms } = (await leaseOf(publisher)).context
      const { expiryHeight, capacitySats } = terms!.channel
      await rig.mine(expiryHeight - (await node.tip()).height)
      const refunded = await rig.mineUntil(publisher.fact<Refunded>('lease.refunded'))
      if (restart) await publisher.stop()

      // Before its expiry nobody may take the money: the refund is in no block, and in no mempool any more.
      const block = await node.blockAt(expiryHeight - 2)
      await node.invalidateBlock(block!.hash)
      await rig.mine(1)
      expect(await node.transaction(refunded.txid)).toBeUndefined()
      if (restart) await publisher.start()
      await publisher.fact('channel.reopened')
      await rig.mine(expiryHeight - (await node.tip()).height)
      await eventually('the refund waits again', async () => {
        const all = (await publisher.facts('channel.refunding')) as unknown as readonly Refunding[]
        const txids = all.map(({ raw }) => transactionId(decodeTransaction(fromHex(raw))))
        return (await node.mempool()).some((tx) => txids.includes(transactionId(tx)))
      })
      await rig.mineUntil(publisher.fact('channel.refunded', undefined, 2))
      const channel = await channelOf(publisher, leaseId)
      expect(channel.value).toBe('refunded')
      const { tx } = (await node.transaction(channel.context.spend!.txid))!
      const [returned, ...more] = tx.outputs
      expect(more).toEqual([])
      expect(returned!.value).toBeGreaterThan(capacitySats - 2_000n)
      expect(await publisher.facts('lease.refunded')).toHaveLength(1)
    })(),
  )
})
