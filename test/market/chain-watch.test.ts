import { describe, expect, it } from 'vitest'
import type { AnnouncementFact } from '../../domain/announcement/facts.ts'
import { nullData } from '../../domain/chain/script.ts'
import { isRefusal } from '../../domain/fact.ts'
import { inRig, leaseOf } from '../lease/rig.ts'

type Seen = Extract<AnnouncementFact, { type: 'announcement.seen' }>

describe.concurrent('the market on the chain', { timeout: 60_000 }, () => {
  it(
    'holds garbage beside announcements: nobody minds it',
    inRig({}, async (rig) => {
      const { publisher, provider } = rig
      const { wallet } = publisher.life
      const records = [
        new Uint8Array(77),
        new Uint8Array(80).fill(0xff),
        Uint8Array.of(0x5a, 0x4e),
        Uint8Array.of(0x5a, 0x4e, 1, 1),
      ]
      for (const [i, record] of records.entries()) {
        const outputs = [
          { script: nullData(record), value: 0n },
          { script: wallet.identity.script, value: 1_000n },
        ]
        const sent = await wallet.announce({ outputs, reference: `garbage-${i}` })
        expect(isRefusal(sent)).toBe(false)
        await rig.mine()
      }
      const txid = await publisher.rent()
      await publisher.fact('lease.paid', undefined, 2)
      const seen = (await provider.facts('announcement.seen')) as unknown as Seen[]
      expect(seen.map((fact) => fact.txid)).toEqual([txid])
      expect((await leaseOf(provider)).context.announcement).toBe(`${txid}:1`)
    }),
  )

  it(
    'ends what nobody took, and gives the bond back',
    inRig({ providers: [] }, async (rig) => {
      const { publisher } = rig
      const txid = await publisher.rent({ order: { giveUpAt: Date.now() + 500 } })
      await rig.mineUntil(publisher.fact('announcement.withdrawn'))
      expect(await publisher.own.withdraw(txid)).toMatchObject({ refused: 'withdrawn' })
      expect(await publisher.own.withdraw('00'.repeat(32))).toMatchObject({ refused: 'not-own' })
    }),
  )

  it(
    'expires an announcement at its height',
    inRig({ providers: [] }, async (rig) => {
      const { publisher } = rig
      await publisher.rent({ expiryBlocks: 3 })
      await rig.mine(4)
      expect(await publisher.fact('announcement.expired')).toMatchObject({ type: 'announcement.expired' })
    }),
  )

  it(
    'is asked for the same thing twice: one announcement',
    inRig({ providers: [] }, async (rig) => {
      const first = await rig.publisher.rent({ reference: 'once' })
      expect(await rig.publisher.rent({ reference: 'once' })).toBe(first)
      expect(await rig.publisher.facts('announcement.posted')).toHaveLength(1)
    }),
  )

  it(
    'refuses an announcement that the wallet cannot pay',
    inRig({ providers: [], coins: 0 }, async (rig) => {
      await expect(rig.publisher.rent()).rejects.toThrow()
      expect(await rig.publisher.facts('announcement.posted')).toEqual([])
    }),
  )

  it(
    'forgets a lease’s block with the chain, and finds it again',
    inRig({}, async (rig) => {
      const { publisher, provider, node } = rig
      await publisher.rent()
      await rig.mineUntil(Promise.all([publisher.fact('channel.opened'), provider.fact('channel.opened')]))
      const { height } = await node.tip()
      const opened = (await provider.facts('channel.opened')) as unknown as { height: number }[]
      const found = await node.blockAt(opened[0]!.height)
      await node.invalidateBlock(found!.hash)
      await provider.fact('channel.unopened')
      await rig.mine(height - opened[0]!.height + 2)
      await Promise.all([publisher.fact('channel.opened', undefined, 2), provider.fact('channel.opened', undefined, 2)])
      const { leaseId } = (await leaseOf(publisher)).context
      await publisher.publisher.stopLease(leaseId)
      await rig.mineUntil(Promise.all([publisher.fact('lease.settled'), provider.fact('lease.settled')]))
    }),
  )
})
