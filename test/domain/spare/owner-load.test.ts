import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CALM,
  END_AFTER,
  type LoadSample,
  type LoadState,
  look,
  MILDER_AFTER,
  PAUSE_FROM,
  SHRINK_FROM,
  STRICTER_AFTER,
  type Want,
  wantOf,
} from '../../../domain/spare/owner-load.ts'

const sample = (cores: number, ownerCores: number, more: Partial<LoadSample> = {}): LoadSample => ({
  cores,
  ownerCores,
  memoryStall: 0,
  memoryFree: 0.5,
  ...more,
})
const after = (state: LoadState, ...samples: LoadSample[]): LoadState => samples.reduce(look, state)
const times = (count: number, one: LoadSample): LoadSample[] => Array.from({ length: count }, () => one)
const RUN: Want = { kind: 'run' }
const BUSY: Want = { kind: 'pause', code: 'owner-busy' }
const SHORT: Want = { kind: 'pause', code: 'memory-short' }
const short = sample(2, 0, { memoryStall: 0.5 })

describe('what one look asks for', () => {
  it.each<readonly [number, number, Want]>([
    [2, 0, RUN],
    [2, 0.19, RUN],
    [2, 0.2, { kind: 'shrink', cores: 1 }],
    [2, 0.49, { kind: 'shrink', cores: 1 }],
    [2, 0.5, BUSY],
    [2, 2, BUSY],
    [1, 0.05, RUN],
    [1, 0.1, BUSY],
    [16, 1, RUN],
    [16, 2, { kind: 'shrink', cores: 14 }],
    [16, 3.9, { kind: 'shrink', cores: 12 }],
    [16, 4, BUSY],
  ])('%i cores, %d of them the owner’s', (cores, owner, want) => expect(wantOf(sample(cores, owner))).toEqual(want))

  it('is that they stand still when memory is short, whatever the CPU does', () => {
    expect(wantOf(short)).toEqual(SHORT)
    expect(wantOf(sample(2, 0, { memoryFree: 0.04 }))).toEqual(SHORT)
    expect(wantOf(sample(2, 0, { memoryStall: 0.09, memoryFree: 0.05 }))).toEqual(RUN)
  })

  it('is something at a load that one busy thread of an owner reaches, beside leases on all cores with equal weight', () => {
    for (let cores = 1; cores <= 8; cores += 1) {
      const fairShare = cores / (cores + 1)
      expect(wantOf(sample(cores, fairShare)), `${cores}`).not.toEqual(RUN)
    }
    expect(SHRINK_FROM).toBeLessThan(PAUSE_FROM)
  })

  it('is never more than what is left', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 256 }), fc.double({ min: 0, max: 1, noNaN: true }), (cores, share) => {
        const want = wantOf(sample(cores, share * cores))
        if (want.kind !== 'shrink') return
        expect(want.cores).toBeGreaterThanOrEqual(1)
        expect(want.cores).toBeLessThanOrEqual(cores - share * cores)
      }),
    )
  })
})

describe('looks in a row', () => {
  const idle = sample(2, 0)
  const busy = sample(2, 1)

  it('give way to the owner after two, and come back after ten', () => {
    expect(after(CALM, ...times(STRICTER_AFTER - 1, busy)).want).toEqual(RUN)
    const paused = after(CALM, ...times(STRICTER_AFTER, busy))
    expect(paused.want).toEqual(BUSY)
    expect(after(paused, ...times(MILDER_AFTER - 1, idle)).want).toEqual(BUSY)
    expect(after(paused, ...times(MILDER_AFTER, idle)).want).toEqual(RUN)
  })

  it('begin anew when one is in between: nothing flaps', () => {
    const flapping = Array.from({ length: 100 }, (_, i) => (i % STRICTER_AFTER === 0 ? busy : idle))
    expect(after(CALM, ...flapping).want).toEqual(RUN)
    const paused = after(CALM, ...times(STRICTER_AFTER, busy))
    const resting = Array.from({ length: 100 }, (_, i) => (i % MILDER_AFTER === 0 ? busy : idle))
    expect(after(paused, ...resting).want).toEqual(BUSY)
  })

  it('shrink before they pause, and grow in steps', () => {
    const some = sample(2, 0.3)
    const shrunk = after(CALM, ...times(STRICTER_AFTER, some))
    expect(shrunk.want).toEqual({ kind: 'shrink', cores: 1 })
    const paused = after(shrunk, ...times(STRICTER_AFTER, busy))
    expect(paused.want).toEqual(BUSY)
    expect(after(paused, ...times(MILDER_AFTER, some)).want).toEqual({ kind: 'shrink', cores: 1 })
  })

  it('end leases when memory stays short although they stand still', () => {
    const paused = after(CALM, ...times(STRICTER_AFTER, short))
    expect(paused.want).toEqual(SHORT)
    expect(after(paused, ...times(END_AFTER - 1, short)).want).toEqual(SHORT)
    const ended = after(paused, ...times(END_AFTER, short))
    expect(ended.want).toEqual({ kind: 'end' })
    expect(after(paused, ...times(END_AFTER - 1, short), idle, short).want).toEqual(SHORT)
    expect(after(ended, ...times(MILDER_AFTER, idle)).want).toEqual(RUN)
  })

  it('say why they stand still when the reason is another one', () => {
    const paused = after(CALM, ...times(STRICTER_AFTER, busy))
    expect(after(paused, short).want).toEqual(SHORT)
  })

  it('change nothing while all is as it is wanted, from every state', () => {
    const looks = fc.array(
      fc.record({
        cores: fc.constant(4),
        ownerCores: fc.double({ min: 0, max: 4, noNaN: true }),
        memoryStall: fc.constantFrom(0, 0.5),
        memoryFree: fc.constantFrom(0.5, 0.01),
      }),
      { maxLength: 80 },
    )
    fc.assert(
      fc.property(looks, (all) => {
        const state = after(CALM, ...all)
        if (state.want.kind === 'end') return
        const same: LoadSample =
          state.want.kind === 'run'
            ? sample(4, 0)
            : state.want.kind === 'shrink'
              ? sample(4, 4 - state.want.cores)
              : sample(4, 4)
        if (state.want.kind === 'shrink' && wantOf(same).kind !== 'shrink') return
        const later = after(state, ...times(3, same)).want
        expect(later.kind).toBe(state.want.kind)
      }),
    )
  })
})
