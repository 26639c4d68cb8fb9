import { describe, expect, it } from 'vitest'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import type { Participant } from './participant.ts'
import { inRig, type Rig } from './rig.ts'

type Ended = Extract<LeaseFact, { type: 'lease.ended' }>

/** Its chain is out of reach from when it has written down a fact, once. */
const loses = (who: Participant, fact: string): void => {
  who.trap = (facts) => {
    if (facts.some(({ type }) => type === fact)) {
      who.chainAway = true
      who.trap = () => undefined
    }
    return undefined
  }
}

const said = async (who: Participant, words: string): Promise<void> => {
  await expect.poll(() => who.said.some((line) => line.includes(words)), { timeout: 30_000 }).toBe(true)
}

const settledByBoth = async ({ publisher, provider, mineUntil }: Rig) => {
  const settled = await mineUntil(Promise.all([publisher.fact('lease.settled'), provider.fact('lease.settled')]))
  const [ours] = await publisher.facts('lease.settled')
  const [theirs] = await provider.facts('lease.settled')
  expect(theirs).toMatchObject({ txid: ours!.txid, paidSats: ours!.paidSats })
  return { settled, paid: ours!.paidSats }
}

describe.concurrent('a chain that is away when a channel is funded', { timeout: 60_000 }, () => {
  it(
    'from the provider, for a while: it waits, and serves',
    inRig({}, async (rig) => {
      const { publisher, provider } = rig
      loses(provider, 'lease.provisioned')
      await publisher.rent()
      await said(provider, 'the funding cannot be given to the chain yet')
      provider.chainAway = false
      await publisher.fact('lease.paid', undefined, 4)
      expect(await provider.facts('lease.failed')).toEqual([])
      expect(await provider.facts('lease.ended')).toEqual([])
    }),
  )

  it(
    'from the provider, for longer than the publisher waits: the money comes back by the close, not at expiry',
    inRig({ providers: [{ terms: { reconnectMs: 1_000 } }] }, async (rig) => {
      const { publisher, provider } = rig
      loses(provider, 'lease.provisioned')
      await publisher.rent()
      const ended = await provider.fact<Ended>('lease.ended')
      expect(ended).toMatchObject({ code: 'host-fault', culprit: 'host' })
      expect(await publisher.fact<Ended>('lease.ended')).toMatchObject({ code: 'host-fault', culprit: 'host' })
      provider.chainAway = false
      const { paid } = await settledByBoth(rig)
      const [funded] = await publisher.facts('lease.funded')
      expect(paid).toBeLessThan(funded!.capacitySats / 10n)
      await provider.fact('lease.released')
      expect(await provider.machines.list()).toEqual([])
    }),
  )

  it(
    'from the publisher: the provider comes again, and the channel is funded once',
    inRig({}, async (rig) => {
      const { publisher, provider } = rig
      loses(publisher, 'lease.provisioned')
      await publisher.rent()
      await said(publisher, 'the session with the provider ended')
      publisher.chainAway = false
      await publisher.fact('lease.paid', undefined, 4)
      expect(await provider.facts('lease.failed')).toEqual([])
      const sent = (await publisher.facts('wallet.sent')) as unknown as readonly { purpose: string }[]
      expect(sent.filter(({ purpose }) => purpose === 'funding')).toHaveLength(1)
    }),
  )
})
