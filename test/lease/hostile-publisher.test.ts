import { describe, expect, it } from 'vitest'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { dueSats } from '../../domain/lease/legs.ts'
import type { Terms } from '../../domain/terms.ts'
import { systemRandom } from '../../src/random/system.ts'
import { deriveKeys } from '../../src/wallet/keys.ts'
import { eventually } from './eventually.ts'
import { actAsPublisher, agreeFrom, fundFrom, paidFrom, rentFrom, type Script } from './hostile.ts'
import { BODY, channelOf, inRig, leaseOf, type Rig } from './rig.ts'

type Ended = Extract<LeaseFact, { type: 'lease.ended' }>
type Over = Extract<LeaseFact, { type: 'lease.refused' | 'lease.failed' | 'lease.lapsed' }>
type Lease = { readonly leaseId: string; readonly outpoint: string; readonly session: number }

const GARBAGE = 'ab'.repeat(64)
const played = (terms: object = {}) => ({ startPublisher: false, providers: [{ terms }] })

/** The announcement is real; who answers for it is the test. */
const act = async (rig: Rig, play: (script: Script, lease: Lease) => Promise<void>, options = {}): Promise<void> => {
  await actAsPublisher(rig, play, options)
  await rig.publisher.rent()
}
/** The machine is away, and the provider has what it was signed. */
const settledWith = async (rig: Rig, paid: bigint): Promise<void> => {
  await rig.provider.fact('lease.released')
  const settled = await rig.mineUntil(rig.provider.fact<Extract<LeaseFact, { type: 'lease.settled' }>>('lease.settled'))
  expect(settled.paidSats).toBe(paid)
  expect(await rig.provider.machines.list()).toEqual([])
}

describe.concurrent('a publisher that breaks the rules', { timeout: 60_000 }, () => {
  it(
    'is another than the author of the announcement',
    inRig(played(), async (rig) => {
      const keys = deriveKeys(systemRandom.bytes(64), { coinType: 1 })
      await act(rig, async () => {}, { keys })
      expect(await rig.provider.fact<Over>('lease.failed')).toMatchObject({
        code: 'wrong-key',
        culprit: 'peer-unreachable',
      })
    }),
  )

  it(
    'gives a body that does not fit the hash',
    inRig(played(), async (rig) => {
      await act(rig, async () => {}, { body: { ...BODY, image: 'miner' } })
      await eventually('refused', () => rig.provider.said.some((line) => line.startsWith('the body is not the one')))
      expect(await rig.provider.facts('lease.sought')).toEqual([])
      expect(await rig.provider.facts('announcement.described')).toEqual([])
    }),
  )

  it(
    'never answers',
    inRig(played(), async (rig) => {
      await act(rig, async (script) => void (await script.rest()))
      expect(await rig.provider.fact<Over>('lease.lapsed')).toMatchObject({ code: 'stage-timeout', stage: 'negotiate' })
    }),
  )

  it.for<readonly [string, object]>([
    ['a channel that expires at once', { expiryHeight: 20 }],
    ['a channel that pays to no address', { channelScript: '6a00' }],
    ['a channel that pays to a witness program that nodes do not relay', { channelScript: '0003aabbcc' }],
    ['a channel that is too small to close', { capacitySats: 500n }],
    ['keys that are none', { authorizedKeys: ['nonsense'] }],
  ])('wants %s', async ([, wish]) =>
    inRig(played(), async (rig) => {
      await act(rig, async (script, { leaseId }) => {
        await agreeFrom(rig, script, await rentFrom(rig, script, leaseId, wish))
      })
      const over = await Promise.race([
        rig.provider.fact<Over>('lease.refused'),
        rig.provider.fact<Over>('lease.failed'),
      ])
      expect(over).toMatchObject({ code: 'peer-misbehaved', culprit: 'peer-unreachable' })
      expect(await rig.provider.facts('lease.agreed')).toEqual([])
    })(),
  )

  it(
    'changes more than the price in its counter-offer',
    inRig(played(), async (rig) => {
      await act(rig, async (script, { leaseId }) => {
        const terms = await rentFrom(rig, script, leaseId)
        await script.send({ type: 'counter', terms: { ...terms, maxDurationMs: 9_000 }, final: true })
        await script.rest()
      })
      expect(await rig.provider.fact<Over>('lease.refused')).toMatchObject({ code: 'terms-differ' })
    }),
  )

  it(
    'signs other terms than were offered',
    inRig(played(), async (rig) => {
      await act(rig, async (script, { leaseId }) => {
        const terms = await rentFrom(rig, script, leaseId)
        await agreeFrom(rig, script, { ...terms, maxDurationMs: 9_000 })
      })
      expect(await rig.provider.fact<Over>('lease.refused')).toMatchObject({ code: 'terms-differ' })
      expect(rig.provider.machines.calls).toEqual([])
    }),
  )

  it.for<readonly [string, unknown]>([
    ['an unknown type', { type: 'nonsense' }],
    ['a message out of order', { type: 'voucher', tick: 1, paid: 5n, signature: GARBAGE }],
    ['no object', [1, 2, 3]],
    ['a field too long', { type: 'refuse', code: 'not-chosen', why: 'x'.repeat(5_000) }],
  ])('sends %s at each stage', async ([, message]) =>
    inRig(played(), async (rig) => {
      await act(rig, async (script, { leaseId }) => {
        await agreeFrom(rig, script, await rentFrom(rig, script, leaseId))
        await script.until('ready')
        await script.send(message)
        await script.rest()
      })
      expect(await rig.provider.fact<Over>('lease.failed')).toMatchObject({ code: 'peer-misbehaved' })
      await eventually('no machine', async () => (await rig.provider.machines.list()).length === 0)
    })(),
  )

  it.for<readonly [string, object]>([
    ['no transaction', { raw: 'abcd' }],
    ['another output', { vout: 7 }],
    ['a voucher that is not signed', { signature: GARBAGE }],
  ])('funds with %s', async ([, change]) =>
    inRig(played(), async (rig) => {
      await act(rig, async (script, { leaseId }) => {
        const { link } = script
        const send = (message: unknown) => link.send({ ...(message as object), ...change })
        const terms = await rentFrom(rig, script, leaseId)
        await agreeFrom(rig, script, terms)
        const lying = Object.assign(Object.create(script) as Script, { send })
        await fundFrom(rig, lying, terms)
        await script.rest()
      })
      expect(await rig.provider.fact<Over>('lease.failed')).toMatchObject({
        code: 'funding-refused',
        culprit: 'publisher',
      })
      await eventually('no machine', async () => (await rig.provider.machines.list()).length === 0)
    })(),
  )

  type Sign = (paid: bigint) => string
  it.for<readonly [string, (paid: bigint, sign: Sign) => { paid: bigint; signature: string }]>([
    ['that goes back', (paid, sign) => ({ paid: paid - 1n, signature: sign(paid - 1n) })],
    ['below what is due', (paid, sign) => ({ paid: paid + 1n, signature: sign(paid + 1n) })],
    ['with a bad signature', (paid) => ({ paid: paid + 100_000n, signature: GARBAGE })],
    ['with the signature of another', (paid, sign) => ({ paid: paid + 100_000n, signature: sign(paid) })],
  ])('sends a voucher %s: the one before it is closed', async ([, bad]) =>
    inRig(played(), async (rig) => {
      let newest = 0n
      await act(rig, async (script, { leaseId }) => {
        const { sign, terms } = await paidFrom(rig, script, leaseId)
        const first = await script.until('tick')
        newest = dueSats(terms, first.usage)
        await script.send({ type: 'voucher', tick: 1, paid: newest, signature: sign(newest) })
        const { tick } = await script.until('tick')
        await script.send({ type: 'voucher', tick, ...bad(newest, sign) })
        await script.until('end')
      })
      const ended = await rig.provider.fact<Ended>('lease.ended')
      expect(ended).toMatchObject({ code: 'bad-voucher', culprit: 'publisher' })
      await settledWith(rig, newest)
    })(),
  )

  it(
    'pays for all ticks to come at once: its voucher is refused',
    inRig(played(), async (rig) => {
      let first = 0n
      await act(rig, async (script, { leaseId }) => {
        const { sign, terms, paid } = await paidFrom(rig, script, leaseId)
        first = paid
        const { usage } = await script.until('tick')
        const due = dueSats(terms, usage)
        const tick = Number.MAX_SAFE_INTEGER
        await script.send({ type: 'voucher', tick, paid: due, signature: sign(due) })
        await script.until('end')
      })
      expect(await rig.provider.fact<Ended>('lease.ended')).toMatchObject({ code: 'bad-voucher' })
      await settledWith(rig, first)
    }),
  )

  it(
    'hangs up before each tick and comes back: what it used is metered all the same',
    inRig(played({ reconnectMs: 60_000 }), async (rig) => {
      const { provider } = rig
      const resumed: number[] = []
      let terms: Terms | undefined
      let channel: Awaited<ReturnType<typeof paidFrom>> | undefined
      await act(rig, async (script, { leaseId, session }) => {
        if (session === 0) {
          channel = await paidFrom(rig, script, leaseId, { tickMs: 30_000 })
          terms = channel.terms
        } else {
          const { tick, usage } = await script.until('resume')
          resumed.push(tick)
          if (session === 3) return void (await script.send({ type: 'notice', code: 'stopped-by-publisher' }))
          const paid = dueSats(terms!, usage)
          await script.send({ type: 'voucher', tick, paid, signature: channel!.sign(paid) })
        }
        await provider.fact('lease.paid', undefined, session + 1)
        await eventually('running', () => provider.machines.stateOf(leaseId) === 'running')
      })
      await provider.fact('lease.ended')
      expect(resumed).toEqual([1, 2, 3])
      await provider.fact('lease.released')
    }),
  )

  it(
    'wants long ticks: they are no longer trust in a funding without confirmation',
    inRig(played({ unconfirmedTicks: 120 }), async (rig) => {
      let unconfirmedTicks = 0
      await act(rig, async (script, { leaseId }) => {
        unconfirmedTicks = (await rentFrom(rig, script, leaseId, { tickMs: 60_000 })).unconfirmedTicks
      })
      await eventually('offered', () => unconfirmedTicks > 0)
      expect(unconfirmedTicks).toBe(2)
    }),
  )

  it(
    'stops paying: the machine is frozen at once, and the lease ends after the grace',
    inRig(played({ graceTicks: 5 }), async (rig) => {
      let paid = 0n
      await act(rig, async (script, { leaseId, session }) => {
        // It is called once more, since its connection could have been cut without a word.
        if (session > 0) {
          await script.rest()
          return
        }
        const channel = await paidFrom(rig, script, leaseId)
        const { usage } = await script.until('tick')
        paid = channel.paid + usage.wallUs
        await script.send({ type: 'voucher', tick: 1, paid, signature: channel.sign(paid) })
        await script.rest()
      })
      const { provider } = rig
      expect(await provider.fact('lease.starved')).toMatchObject({ why: 'unpaid' })
      const ended = await provider.fact<Ended>('lease.ended')
      expect(ended).toMatchObject({ code: 'unpaid', culprit: 'publisher' })
      const { context } = await leaseOf(provider)
      // At risk was what was used before it stood still: a tick, and the moment until it was missed.
      expect(context.tick - context.paidTick).toBeLessThanOrEqual(2)
      expect(provider.machines.calls.map((call) => call.split(' ')[0])).toContain('freeze')
      await settledWith(rig, paid)
    }),
  )

  it(
    'connects and hangs up for ever: no machine is held for it',
    inRig(played({ reconnectMs: 2_000 }), async (rig) => {
      let first = 0n
      await act(rig, async (script, { leaseId, session }) => {
        if (session > 0) return
        first = (await paidFrom(rig, script, leaseId)).paid
      })
      const ended = await rig.provider.fact<Ended>('lease.ended')
      expect(ended).toMatchObject({ code: 'publisher-silent', culprit: 'peer-unreachable' })
      await settledWith(rig, first)
    }),
  )

  it(
    'asks for the end: data may be fetched for a while, until it says that it has them',
    inRig(played(), async (rig) => {
      const { provider } = rig
      await act(rig, async (script, { leaseId }) => {
        const channel = await paidFrom(rig, script, leaseId, { dataGraceMs: 600_000 })
        const paid = channel.paid + 50_000n
        await script.until('tick')
        await script.send({ type: 'voucher', tick: 1, paid, signature: channel.sign(paid) })
        await script.send({ type: 'notice', code: 'stopped-by-publisher' })
        const { tick } = await script.until('end')
        await script.send({ type: 'voucher', tick, paid, signature: channel.sign(paid) })
        await script.until('receipt')
        await script.send({
          type: 'receipt',
          receipt: (await leaseOf(provider)).context.receipt!.receipt,
          signature: GARBAGE,
        })
        await rig.mineUntil(provider.fact('lease.settled'))
        await eventually('running', () => provider.machines.stateOf(leaseId) === 'running')
        expect(provider.gateway.grants.has(leaseId)).toBe(true)
        await script.send({ type: 'release' })
        await script.rest()
      })
      await provider.fact('lease.released')
      const { context } = await leaseOf(provider)
      expect(context.end).toMatchObject({ code: 'stopped-by-publisher' })
      // It signed nothing: the provider's own signature stands alone.
      expect(context.receipt?.publisherSignature).toBeUndefined()
      expect(provider.gateway.grants.size).toBe(0)
      expect((await channelOf(provider, context.leaseId)).value).toBe('closed')
    }),
  )
})
