import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { effect } from '../../domain/effect/effect.ts'
import type { EffectFact } from '../../domain/effect/facts.ts'
import { isRefusal } from '../../domain/fact.ts'
import type { TimerFact } from '../../domain/timer/facts.ts'
import { timer } from '../../domain/timer/timer.ts'
import { effects } from '../../projections/effects.ts'
import { timers } from '../../projections/timers.ts'
import { effectCommands, effectFacts } from '../domain/effect/sample.ts'
import { timerCommands, timerFacts } from '../domain/timer/sample.ts'
import { fold } from './fold.ts'

const picks = fc.array(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 9 })), { maxLength: 30 })

describe('rows of effects and timers', () => {
  it('say of an effect what its stream says, whatever was commanded', () => {
    fc.assert(
      fc.property(picks, (commands) => {
        const facts: EffectFact[] = []
        let state = effect.initial
        for (const [which, salt] of commands) {
          const decided = effect.decide(effectCommands(salt)[which]!, state)
          for (const fact of isRefusal(decided) ? [] : decided) {
            facts.push(fact)
            state = effect.evolve(state, fact)
          }
        }
        const row = fold(
          effects,
          facts.map((fact) => ['effect-a', fact] as const),
        ).get('a')
        expect(row?.state ?? 'unknown').toBe(state.value)
        expect(row?.subject ?? '').toBe(state.context.subject)
        expect(row?.endedAt === undefined).toBe(state.value === 'open' || state.value === 'unknown')
      }),
    )
  })

  it('say of a timer what its stream says, whatever was commanded', () => {
    fc.assert(
      fc.property(picks, (commands) => {
        const facts: TimerFact[] = []
        let state = timer.initial
        for (const [which, salt] of commands) {
          const decided = timer.decide(timerCommands(salt)[which % 3]!, state)
          for (const fact of isRefusal(decided) ? [] : decided) {
            facts.push(fact)
            state = timer.evolve(state, fact)
          }
        }
        const row = fold(
          timers,
          facts.map((fact) => ['timer-a', fact] as const),
        ).get('a')
        expect(row?.state ?? 'unset').toBe(state.value)
        expect(row?.due ?? 0).toBe(state.context.due)
      }),
    )
  })

  it('keep why an effect was parked last, also when it is tried again', () => {
    const { 'effect.asked': asked, 'effect.parked': parked, 'effect.replayed': replayed } = effectFacts()
    const history = [asked, parked, replayed].map((fact) => ['effect-a', fact] as const)
    expect(fold(effects, history).get('a')).toMatchObject({
      state: 'open',
      failure: { code: parked.code, next: parked.next, attempts: parked.attempts },
      began: 1,
      position: 3,
    })
  })

  it('leave out what a log that was cut does not say the beginning of', () => {
    expect(fold(effects, [['effect-a', effectFacts()['effect.done']]]).size).toBe(0)
    expect(fold(timers, [['timer-a', timerFacts()['timer.fired']]]).size).toBe(0)
  })
})
