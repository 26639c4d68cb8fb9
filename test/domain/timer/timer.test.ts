import { describe, it } from 'vitest'
import { timer } from '../../../domain/timer/timer.ts'
import { given } from '../../specification.ts'
import { timerFacts } from './sample.ts'

const { 'timer.set': set, 'timer.fired': fired, 'timer.cancelled': cancelled } = timerFacts()
const { at, due } = set
const ask = { kind: 'set', at, due, effect: set.kind, subject: set.subject } as const

describe('a timer', () => {
  it('is set once', () => {
    given(timer).when(ask).yields(set)
    given(timer, set).when(ask).changesNothing()
  })
  it('is moved when it is set again', () =>
    given(timer, set)
      .when({ ...ask, due: due + 1 })
      .yields({ ...set, due: due + 1 }))
  it('fires once, for the time that it was last set to', () => {
    given(timer, set).when({ kind: 'fire', at, due }).yields(fired)
    given(timer, set, { ...set, due: due + 1 })
      .when({ kind: 'fire', at, due })
      .refuses('not-due')
    given(timer, set, fired).when({ kind: 'fire', at, due }).refuses('not-due')
    given(timer).when({ kind: 'fire', at, due: 0 }).refuses('not-due')
  })
  it('is cancelled while it is set', () => {
    given(timer, set).when({ kind: 'cancel', at }).yields(cancelled)
    for (const history of [[], [set, fired], [set, cancelled]])
      given(timer, ...history)
        .when({ kind: 'cancel', at })
        .changesNothing()
  })
  it('that is over is not set again', () => {
    given(timer, set, fired).when(ask).changesNothing()
    given(timer, set, cancelled)
      .when({ ...ask, due: due + 1 })
      .changesNothing()
  })
})
