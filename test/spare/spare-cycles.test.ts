import { describe, expect, it } from 'vitest'
import { END_AFTER, type LoadSample, MILDER_AFTER, STRICTER_AFTER } from '../../domain/spare/owner-load.ts'
import type { Clock } from '../../src/clock/port.ts'
import { SpareCycles, shareOf, type Tenant } from '../../src/spare/spare-cycles.ts'

const IDLE: LoadSample = { cores: 4, ownerCores: 0, memoryStall: 0, memoryFree: 0.5 }
const SOME: LoadSample = { ...IDLE, ownerCores: 0.8 }
const BUSY: LoadSample = { ...IDLE, ownerCores: 3 }
const SHORT: LoadSample = { ...IDLE, memoryStall: 0.9 }
const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one)

/** Lets the looks be taken one after the other, and tells what was done to two leases. */
const world = async (
  looks: readonly (LoadSample | 'fails')[],
  leases = ['a', 'b'],
  noted = new Map<string, number | undefined>(),
) => {
  const done: string[] = []
  const paused = new Map<string, Set<string>>()
  const stop = new AbortController()
  let at = 0
  const tenant = (leaseId: string): Tenant => ({
    leaseId,
    cpuMillis: 2_000,
    shrunkTo: noted.get(leaseId),
    note: async (cpuMillis) => {
      done.push(`note ${leaseId} ${cpuMillis}`)
      noted.set(leaseId, cpuMillis < 2_000 ? cpuMillis : undefined)
    },
    pause: (code, isPaused) => {
      const codes = paused.get(leaseId) ?? new Set<string>()
      if (isPaused) codes.add(code)
      else codes.delete(code)
      paused.set(leaseId, codes)
    },
    stop: () => done.push(`stop ${leaseId}`),
  })
  const clock: Pick<Clock, 'sleep' | 'steadyUs'> = {
    steadyUs: () => at * 1_000_000,
    sleep: async () => {
      if (at >= looks.length) stop.abort(new Error('no more'))
      stop.signal.throwIfAborted()
    },
  }
  const log = { info() {}, warn() {}, error() {} } as never
  const cycles = new SpareCycles({
    clock: clock as Clock,
    log,
    sample: async () => {
      const seen = looks[at++]!
      if (seen === 'fails') throw new Error('no /proc')
      return seen
    },
    tenants: async () => leases.map(tenant),
    shrink: async (leaseId, cpuMillis) => void done.push(`shrink ${leaseId} ${cpuMillis}`),
  })
  await cycles.run(stop.signal).catch(() => {})
  return { done, paused: (leaseId: string) => [...(paused.get(leaseId) ?? [])], want: cycles.want }
}

describe('spare cycles', () => {
  it('change nothing for an owner who is away', async () => {
    const { done, paused } = await world(times(30, IDLE))
    expect(done).toEqual([])
    expect(paused('a')).toEqual([])
  })

  it('take CPUs from all leases alike, each once, and give them back', async () => {
    const { done } = await world([...times(STRICTER_AFTER + 5, SOME), ...times(MILDER_AFTER, IDLE)])
    expect(done).toEqual([
      ...['note a 1500', 'shrink a 1500', 'note b 1500', 'shrink b 1500'],
      ...['shrink a 2000', 'shrink b 2000'],
    ])
  })

  it('write down at most two facts a minute of a load that comes and goes', async () => {
    const wave = [...times(STRICTER_AFTER, SOME), ...times(MILDER_AFTER, IDLE)]
    const waves = times(20, wave).flat()
    const { done } = await world([...waves, ...times(60, IDLE)], ['a'])
    expect(done.filter((line) => line.startsWith('shrink')).length).toBe(40)
    expect(done.filter((line) => line.startsWith('note'))).toEqual(['note a 1500', 'note a 2000'])
    expect(done.at(-1)).toBe('note a 2000')
  })

  it('give back what a node before a restart had taken, though not how little that was is known', async () => {
    const again = await world(times(61, IDLE), ['a'], new Map([['a', 1_500]]))
    expect(again.done).toEqual(['shrink a 2000', 'note a 2000'])
    expect((await world(times(STRICTER_AFTER, SOME), ['a'], new Map([['a', 1_500]]))).done).toContain('shrink a 1500')
  })

  it('let all stand still for an owner who works, and go on when that is over', async () => {
    const busy = times(STRICTER_AFTER, BUSY)
    expect((await world(busy)).paused('b')).toEqual(['owner-busy'])
    const { paused, done } = await world([...busy, 'fails', ...times(MILDER_AFTER, IDLE)])
    expect(paused('a')).toEqual([])
    expect(done).toEqual([])
  })

  it('name the reason that holds now', async () => {
    const { paused } = await world([...times(STRICTER_AFTER, BUSY), SHORT])
    expect(paused('a')).toEqual(['memory-short'])
  })

  it('end leases when memory stays short', async () => {
    const { done } = await world(times(STRICTER_AFTER + END_AFTER, SHORT))
    expect(done).toEqual(['stop a', 'stop b'])
  })

  it('leave every lease something to run on', () => {
    expect(shareOf(1, { kind: 'shrink', cores: 1 }, 64)).toBe(1)
    expect(shareOf(500, { kind: 'run' }, 64)).toBe(500)
  })
})
