import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OVER, overTypes } from '../../domain/over.ts'
import { EVERY_CHART } from './decider/every-chart.ts'

const TYPES: Readonly<Record<string, readonly [ending: string, reopening: string]>> = {
  lease: ['lease.failed lease.lapsed lease.refunded lease.refused lease.settled', ''],
  channel: ['channel.closed channel.refunded', 'channel.reopened'],
  announcement: [
    'announcement.expired announcement.withdrawn',
    'announcement.lost announcement.restored announcement.unexpired announcement.unseen',
  ],
  claim: ['', ''],
  effect: ['effect.done effect.dropped', ''],
  timer: ['timer.cancelled timer.fired', ''],
}

describe.each(EVERY_CHART)('when a stream is over: $name', ({ chart, decider, facts }) => {
  const { ending, reopening } = overTypes(chart)

  it('its chart says by its tags', () => {
    expect([ending.join(' '), reopening.join(' ')]).toEqual(TYPES[chart.id])
  })

  it('the types of its facts say the same', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...facts(1)), { maxLength: 40 }), (tries) => {
        let state = decider.initial
        let over = false
        for (const fact of tries) {
          if (!state.can(fact as never)) continue
          state = decider.evolve(state, fact)
          if (ending.includes(fact.type)) over = true
          if (reopening.includes(fact.type)) over = false
          expect((state as unknown as { hasTag(tag: string): boolean }).hasTag(OVER)).toBe(over)
        }
      }),
    )
  })
})
