import { describe, expect, it } from 'vitest'
import { effect, effectId } from '../../../domain/effect/effect.ts'
import { MAX_NEXT_TEXT } from '../../../domain/effect/facts.ts'
import { given } from '../../specification.ts'
import { effectFacts } from './sample.ts'

const {
  'effect.asked': asked,
  'effect.done': done,
  'effect.parked': parked,
  'effect.replayed': replayed,
  'effect.dropped': dropped,
} = effectFacts()
const { at } = asked
const ask = { kind: 'ask', at, effect: asked.kind, subject: asked.subject } as const
const park = { kind: 'park', at, attempts: 8, code: parked.code, next: parked.next } as const

describe('an effect', () => {
  it('is asked for once', () => {
    given(effect).when(ask).yields(asked)
    for (const after of [[], [done], [parked], [dropped]])
      given(effect, asked, ...after)
        .when(ask)
        .changesNothing()
  })
  it('is no other one', () =>
    given(effect, asked)
      .when({ ...ask, subject: 'another' })
      .refuses('other-effect'))
  it('is done once', () => {
    given(effect, asked).when({ kind: 'finish', at }).yields(done)
    given(effect, asked, done).when({ kind: 'finish', at }).changesNothing()
  })
  it('that was dropped while it was done stays dropped', () =>
    given(effect, asked, dropped).when({ kind: 'finish', at }).changesNothing())
  it('is parked, once, with advice of a bounded length', () => {
    given(effect, asked).when(park).yields(parked)
    given(effect, asked, parked).when(park).changesNothing()
    given(effect, asked)
      .when({ ...park, next: 'x'.repeat(MAX_NEXT_TEXT + 1) })
      .yields({ ...parked, next: 'x'.repeat(MAX_NEXT_TEXT) })
  })
  it('is replayed when it is parked, and parked again', () => {
    given(effect, asked, parked).when({ kind: 'replay', at }).yields(replayed)
    given(effect, asked, parked, replayed).when({ kind: 'replay', at }).changesNothing()
    given(effect, asked, parked, replayed).when(park).yields(parked)
    given(effect, asked, done).when({ kind: 'replay', at }).refuses('not-parked')
    given(effect).when({ kind: 'replay', at }).refuses('not-parked')
  })
  it('is dropped while it is open or parked', () => {
    given(effect, asked).when({ kind: 'drop', at }).yields(dropped)
    given(effect, asked, parked).when({ kind: 'drop', at }).yields(dropped)
    given(effect, asked, dropped).when({ kind: 'drop', at }).changesNothing()
    given(effect, asked, done).when({ kind: 'drop', at }).refuses('over')
    given(effect).when({ kind: 'drop', at }).refuses('over')
  })
  it('has an id that says what asked for it, and nothing else', () => {
    expect(effectId('a', 'b')).toBe(effectId('a', 'b'))
    expect(effectId('a', 'b')).not.toBe(effectId('ab'))
    expect(effectId('a', 1)).not.toBe(effectId('a', '1'))
  })
})
