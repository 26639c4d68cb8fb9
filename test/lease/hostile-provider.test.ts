import { describe, expect, it } from 'vitest'
import { isRefusal } from '../../domain/fact.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import type { Terms } from '../../domain/terms.ts'
import { NO_USAGE, type UsageVector } from '../../domain/usage.ts'
import { systemRandom } from '../../src/random/system.ts'
import { deriveKeys, type Keys } from '../../src/wallet/keys.ts'
import { agreeTo, dialPublisher, freshLeaseId, HARDWARE, offerTo, servedTo } from './hostile.ts'
import { channelOf, inRig, leaseOf, type Rig } from './rig.ts'

type Ended = Extract<LeaseFact, { type: 'lease.ended' }>
type Over = Extract<LeaseFact, { type: 'lease.refused' | 'lease.failed' | 'lease.lapsed' }>

const stranger = (): Keys => deriveKeys(systemRandom.bytes(64), { coinType: 1 })
const alone = { providers: [] }

/** The announcement is known to the publisher, as the market sees it. */
const announced = async (rig: Rig, order = {}): Promise<string> => {
  const txid = await rig.publisher.rent({ order, body: { count: 100 } })
  await rig.publisher.fact('announcement.seen')
  return txid
}
const coins = async ({ publisher }: Rig): Promise<bigint> => {
  const { confirmed, unconfirmed } = await publisher.life.wallet.balance()
  return confirmed + unconfirmed
}
const usage = (wallMs: number, more: Partial<UsageVector> = {}): UsageVector => ({
  ...NO_USAGE,
  wallUs: BigInt(wallMs) * 1000n,
  ...more,
})

describe.concurrent('a provider that breaks the rules', { timeout: 60_000 }, () => {
  it(
    'offers other terms than were asked for: nothing is signed',
    inRig(alone, async (rig) => {
      const txid = await announced(rig)
      const before = await coins(rig)
      const changes: readonly ((terms: Terms) => Terms)[] = [
        (terms) => ({ ...terms, image: 'miner' }),
        (terms) => ({ ...terms, leaseId: freshLeaseId() }),
        (terms) => ({ ...terms, network: 'regtest' }),
        (terms) => ({ ...terms, announcement: `${'0'.repeat(64)}:1` }),
        (terms) => ({ ...terms, providerKey: terms.publisherKey }),
        (terms) => ({ ...terms, resources: { ...terms.resources, cpuMillis: 1 } }),
        (terms) => ({ ...terms, tickMs: 60_000 }),
        (terms) => ({ ...terms, inside: { everyMs: 1_000, slackMs: 600_000, permille: 10_000, readings: 1_000 } }),
        (terms) => ({ ...terms, maxDurationMs: 1_000 }),
        (terms) => ({ ...terms, dataGraceMs: 7 }),
        (terms) => ({ ...terms, maxPauseMs: 1 }),
        (terms) => ({ ...terms, price: { ...terms.price, pausedDiskGiBHour: terms.price.diskGiBHour + 1n } }),
        (terms) => ({ ...terms, machineNetwork: 'bridge' }),
        (terms) => ({ ...terms, shell: { ...terms.shell, authorizedKeys: [terms.shell.hostKey] } }),
        (terms) => ({ ...terms, channel: { ...terms.channel, capacitySats: 40_000_000n } }),
        (terms) => ({ ...terms, channel: { ...terms.channel, expiryHeight: 400_000_000 } }),
        (terms) => ({ ...terms, channel: { ...terms.channel, publisherScript: terms.channel.providerScript } }),
        (terms) => ({ ...terms, channel: { ...terms.channel, publisherKey: terms.channel.providerKey } }),
      ]
      for (const change of changes) {
        const { script, leaseId } = await offerTo(rig, stranger(), txid, change)
        expect(await script.rest()).toEqual(['refuse'])
        const over = (await rig.publisher.journal.read(`lease-${leaseId}`)).at(-1)!.fact as Over
        expect(['lease.refused', 'lease.failed']).toContain(over.type)
        expect(['terms-differ', 'peer-misbehaved']).toContain(over.code)
        expect(over.culprit).toBe('peer-unreachable')
      }
      expect(await coins(rig)).toBe(before)
    }),
  )

  it(
    'signs other terms than it offered',
    inRig(alone, async (rig) => {
      const played = await offerTo(rig, stranger(), await announced(rig))
      await agreeTo(played, { ...played.terms, maxDurationMs: 5_000 })
      expect(await rig.publisher.fact('lease.refused')).toMatchObject({ code: 'terms-differ' })
      expect(await rig.publisher.facts('lease.agreed')).toEqual([])
    }),
  )

  it(
    'hides its price in the start: the first hour counts',
    inRig(alone, async (rig) => {
      const dear = (terms: Terms): Terms => ({ ...terms, price: { ...terms.price, startMsat: 4_000_000_000_000n } })
      const { script, terms } = await offerTo(rig, stranger(), await announced(rig), dear)
      await script.until('counter')
      await script.send({ type: 'offer', terms, hardware: HARDWARE, final: true })
      expect(await rig.publisher.fact('lease.refused')).toMatchObject({ code: 'too-expensive', culprit: 'provider' })
    }),
  )

  it(
    'asks little for the hour and a fortune for traffic: it is not taken',
    inRig(alone, async (rig) => {
      const bait = (terms: Terms): Terms => ({ ...terms, price: { ...terms.price, netTxGiB: 10n ** 17n } })
      const { script } = await offerTo(rig, stranger(), await announced(rig), bait)
      expect(await script.rest()).toEqual(['refuse'])
      expect(await rig.publisher.fact('lease.refused')).toMatchObject({ code: 'too-expensive', culprit: 'provider' })
    }),
  )

  it(
    'sends what is no message, or one out of order, at every stage',
    inRig(alone, async (rig) => {
      const txid = await announced(rig, { capacitySats: 100_000n })
      const shell = { user: 'x', hostKey: 'ssh-ed25519 AAAA' }
      const bad: readonly unknown[] = [
        { type: 'nonsense' },
        { type: 'tick', tick: 1, usage: NO_USAGE },
        42,
        { type: 'offer', terms: 'x'.repeat(50_000) },
        { type: 'ready', shell, more: true },
      ]
      const stages = [
        async () => dialPublisher(rig, stranger(), freshLeaseId(), `${txid}:1`),
        async () => (await offerTo(rig, stranger(), txid)).script,
        async () => {
          const played = await offerTo(rig, stranger(), txid)
          await agreeTo(played)
          return played.script
        },
      ]
      let ended = 0
      for (const stage of stages)
        for (const message of bad) {
          const script = await stage()
          await script.send(message)
          await script.rest()
          const over = await rig.publisher.fact<Over>('lease.failed', undefined, ++ended)
          expect(over).toMatchObject({ code: 'peer-misbehaved', culprit: 'peer-unreachable' })
        }
      // Bytes that are no JSON at all.
      const script = await stages[1]!()
      script.link.toDuplex().write(Buffer.from([0xff, 0xfe, 0x00]))
      expect(await rig.publisher.fact<Over>('lease.failed', undefined, ++ended)).toMatchObject({
        code: 'peer-misbehaved',
      })
      expect(await rig.publisher.facts('lease.funded')).toEqual([])
    }),
  )

  it.for<readonly [string, readonly UsageVector[]]>([
    ['a counter that falls', [usage(50, { cpuUs: 30_000n }), usage(60, { cpuUs: 10_000n })]],
    ['more CPU than wall time and cores', [usage(10, { cpuUs: 9_000_000n })]],
    ['more wall time than went by', [usage(3_600_000)]],
    ['more traffic than the caps', [usage(10, { netTxBytes: 1n << 50n })]],
  ])('claims usage that is impossible: %s', async ([, ticks]) =>
    inRig(alone, async (rig) => {
      const { script, leaseId } = await servedTo(rig, stranger(), await announced(rig))
      let paid = 0n
      for (const [i, used] of ticks.entries()) {
        await script.send({ type: 'tick', tick: i + 1, usage: used })
        if (i < ticks.length - 1) paid = (await script.until('voucher')).paid
      }
      const ended = await rig.publisher.fact<Ended>('lease.ended')
      expect(ended).toMatchObject({ code: 'usage-impossible', culprit: 'provider' })
      await script.until('end')
      // It is said once more, and still nothing is paid.
      await script.send({ type: 'tick', tick: 9, usage: usage(70, { cpuUs: 30_000n }) })
      await script.until('end')
      const { context } = await leaseOf(rig.publisher)
      expect(context.paidTick).toBe(ticks.length - 1)
      if (paid > 0n) expect((await channelOf(rig.publisher, leaseId)).context.paid).toBe(paid)
    })(),
  )

  it(
    'says that the machine is paused, and bills its CPU all the same: nothing more is paid',
    inRig(alone, async (rig) => {
      const txid = await announced(rig, { maxPauseMs: 60_000 })
      const { script, leaseId } = await servedTo(rig, stranger(), txid, (terms) => ({ ...terms, maxPauseMs: 60_000 }))
      await script.send({ type: 'tick', tick: 1, usage: usage(1) })
      await script.until('voucher')
      const asked = await rig.publisher.publisher.pauseLease(leaseId, true)
      expect(isRefusal(asked)).toBe(false)
      await script.until('pause')
      await script.send({ type: 'pausing', pauses: ['asked-by-publisher'] })
      const paused = { wallUs: 10_000n, diskByteSeconds: 1n }
      await script.send({ type: 'tick', tick: 2, usage: usage(1, { paused }) })
      const { paid } = await script.until('voucher', ({ tick }) => tick === 2)
      await script.send({ type: 'tick', tick: 3, usage: usage(1, { paused, cpuUs: 1n }) })
      expect(await rig.publisher.fact<Ended>('lease.ended')).toMatchObject({ code: 'usage-impossible' })
      expect((await channelOf(rig.publisher, leaseId)).context.paid).toBe(paid)
    }),
  )

  it(
    'says that the publisher asked for a pause that it did not ask for: it is the provider’s own',
    inRig(alone, async (rig) => {
      const txid = await announced(rig, { maxPauseMs: 60_000 })
      const { script } = await servedTo(rig, stranger(), txid, (terms) => ({ ...terms, maxPauseMs: 60_000 }))
      await script.send({ type: 'tick', tick: 1, usage: usage(1) })
      await script.until('voucher')
      await script.send({ type: 'pausing', pauses: ['asked-by-publisher'] })
      expect(await rig.publisher.fact('lease.paused')).toMatchObject({ code: 'asked-by-provider' })
    }),
  )

  it(
    'never ticks: it ends, and the coins come back after the expiry, through a restart',
    inRig(alone, async (rig) => {
      const { publisher, node } = rig
      const keys = stranger()
      const { terms } = await servedTo(rig, keys, await announced(rig))
      expect(await publisher.fact('lease.ended')).toMatchObject({
        code: 'provider-silent',
        culprit: 'peer-unreachable',
      })
      await rig.mine(terms.channel.expiryHeight - (await node.tip()).height - 1)
      expect(await publisher.facts('channel.refunding')).toEqual([])
      // It dies between the fact and the broadcast; the next process gives the same transaction.
      publisher.trap = (facts) => (facts.some((fact) => fact.type === 'channel.refunding') ? 'after' : undefined)
      await rig.mine(1)
      await publisher.life.fuse.blownAt
      publisher.trap = () => undefined
      await publisher.stop()
      await publisher.start()
      await rig.mineUntil(publisher.fact('lease.refunded'))
      const [refunding] = (await publisher.facts('channel.refunding')) as unknown as { txid: string }[]
      const [refunded] = await publisher.facts('lease.refunded')
      expect(refunded!.txid).toBe(refunding!.txid)
      expect(await publisher.facts('channel.refunding')).toHaveLength(1)
      const tx = (await node.transaction(refunded!.txid))!.tx
      expect(tx.outputs).toHaveLength(1)
      expect(terms.channel.capacitySats - tx.outputs[0]!.value).toBeLessThan(1_000n)
    }),
  )

  it(
    'is asked to end and goes on ticking: it is over in time, and not paid after',
    inRig(alone, async (rig) => {
      const { script, leaseId } = await servedTo(rig, stranger(), await announced(rig))
      await script.send({ type: 'tick', tick: 1, usage: usage(1) })
      await script.until('voucher')
      await rig.publisher.publisher.stopLease(leaseId)
      await script.until('notice')
      let paidSats = 0n
      for (let [tick, ends] = [2, 0]; ends < 3; tick++) {
        await script.send({ type: 'tick', tick, usage: usage(tick) })
        const { type } = (await script.link.receive()) as { type: string }
        if (type === 'end' && ++ends === 1) paidSats = (await leaseOf(rig.publisher)).context.paidSats
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      expect(await rig.publisher.fact<Ended>('lease.ended')).toMatchObject({ code: 'stopped-by-publisher' })
      expect((await leaseOf(rig.publisher)).context.paidSats).toBe(paidSats)
    }),
  )

  it(
    'resumes the lease of another',
    inRig(alone, async (rig) => {
      const txid = await announced(rig)
      const { leaseId, script } = await servedTo(rig, stranger(), txid)
      const thief = await dialPublisher(rig, stranger(), leaseId, `${txid}:1`)
      await thief.send({ type: 'resume', stage: 'meter', tick: 0, usage: NO_USAGE })
      expect(await thief.until('refuse')).toMatchObject({ code: 'wrong-key' })
      await script.send({ type: 'tick', tick: 1, usage: usage(1) })
      expect(await script.until('voucher')).toMatchObject({ tick: 1 })
    }),
  )

  it(
    'refuses after the money is locked: it ends at once, and waits for the refund',
    inRig(alone, async (rig) => {
      const { script } = await servedTo(rig, stranger(), await announced(rig))
      await script.send({ type: 'refuse', code: 'funding-refused', why: 'a test' })
      expect(await rig.publisher.fact('lease.ended')).toMatchObject({ code: 'provider-silent' })
    }),
  )
})
