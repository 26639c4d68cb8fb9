import { describe, expect, it } from 'vitest'
import { USAGE_SLACK_US } from '../../domain/usage.ts'
import { inRig, leaseOf, ORDER } from './rig.ts'

const TIMEOUT_MS = 90_000
const HOUR_MS = 3_600_000
/** Ticks that take longer than what any reading may be off by. */
const MORE_THAN_SLACK_TICKS = 10 + Number(USAGE_SLACK_US) / 1_000 / ORDER.tickMs

describe.concurrent('wall clocks that are set', { timeout: TIMEOUT_MS }, () => {
  it.each([
    ['back', -5 * HOUR_MS],
    ['ahead', 5 * HOUR_MS],
  ])('%s on both sides do not end a lease, nor change its bill', (_, jumpMs) =>
    inRig({}, async ({ publisher, provider, mineUntil }) => {
      await publisher.rent()
      await publisher.fact('lease.paid', undefined, 3)
      publisher.jumpedMs = jumpMs
      provider.jumpedMs = -jumpMs
      await publisher.fact('lease.paid', undefined, MORE_THAN_SLACK_TICKS)
      const { context } = await leaseOf(publisher)
      expect(context.end).toBeUndefined()
      await publisher.publisher.stopLease(context.leaseId)
      await mineUntil(Promise.all([publisher.fact('lease.settled'), provider.fact('lease.settled')]))
      const [theirs, ours] = [await leaseOf(publisher), await leaseOf(provider)]
      expect(theirs.context.end?.code).toBe('stopped-by-publisher')
      expect(ours.context.end?.code).toBe('stopped-by-publisher')
      expect(theirs.context.receipt).toEqual(ours.context.receipt)
    })(),
  )

  it('back do not keep an announcement that nobody took from being given up', () =>
    inRig({ providers: [] }, async ({ publisher, mineUntil }) => {
      await publisher.rent({ order: { giveUpAt: Date.now() + 3_000 } })
      publisher.jumpedMs = -HOUR_MS
      await mineUntil(publisher.fact('announcement.withdrawn'))
      expect((await publisher.facts('timer.fired')).length).toBe(1)
    })())
})
