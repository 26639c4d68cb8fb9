import { describe, expect, it } from 'vitest'
import { Fault } from '../../domain/fault.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal, Recorded } from '../../src/journal/port.ts'
import { memoryCheckpoints } from '../../src/process/memory.ts'
import type { Parked } from '../../src/process/port.ts'
import { replayParked, runProcess } from '../../src/process/runner.ts'
import { faultOf } from '../contracts/journal.ts'
import { hastyClock, steppedClock } from './stepped-clock.ts'

const append = (journal: Journal, stream: string, count: number, type = 'test.noted') =>
  journal.transact([{ stream, expected: 0, facts: Array.from({ length: count }, (_, at) => ({ type, at })) }])

/** Runs a process until it has seen `stopAt`. */
const run = async (
  journal: Journal,
  stopAt: number,
  handle: (recorded: Recorded) => Promise<void>,
  { checkpoints = memoryCheckpoints(), clock = hastyClock().clock, filter = {} } = {},
) => {
  const stop = new AbortController()
  const parked: Parked[] = []
  const process = {
    name: 'test',
    filter,
    async handle(recorded: Recorded) {
      await handle(recorded)
      if (recorded.position === stopAt) stop.abort()
    },
  }
  await runProcess(process, { journal, checkpoints, clock, signal: stop.signal, onParked: (one) => parked.push(one) })
  return { parked, checkpoints, process }
}

describe('runProcess', () => {
  it('handles facts in order, and goes on from its checkpoint', async () => {
    const journal = memoryJournal()
    await append(journal, 'a', 5)
    const seen: number[] = []
    const note = async (recorded: Recorded) => void seen.push(recorded.position)
    const { checkpoints } = await run(journal, 3, note)
    expect(checkpoints.get('test')).toBe(3)
    await run(journal, 5, note, { checkpoints })
    expect(seen).toEqual([1, 2, 3, 4, 5])
  })

  it('moves its checkpoint past facts that its filter leaves out', async () => {
    const journal = memoryJournal()
    await append(journal, 'a', 4, 'other.kind')
    await append(journal, 'b', 1)
    await append(journal, 'c', 3, 'other.kind')
    const checkpoints = memoryCheckpoints()
    const stop = new AbortController()
    const set = checkpoints.set
    checkpoints.set = (name, position) => {
      set(name, position)
      if (position === 8) stop.abort()
    }
    const handled: number[] = []
    const handle = async (recorded: Recorded) => void handled.push(recorded.position)
    await runProcess(
      { name: 'test', filter: { types: ['test.noted'] }, handle },
      { journal, checkpoints, clock: hastyClock().clock, signal: stop.signal },
    )
    expect(handled).toEqual([5])
  })

  it('tries again with longer and longer waits, then goes on', async () => {
    const journal = memoryJournal()
    await append(journal, 'a', 2)
    const { clock, slept } = hastyClock()
    const seen: number[] = []
    const handle = async ({ position }: Recorded) => {
      seen.push(position)
      if (seen.length < 4) throw new Error('not yet')
    }
    const { parked } = await run(journal, 2, handle, { clock })
    expect(seen).toEqual([1, 1, 1, 1, 2])
    expect(slept).toEqual([200, 400, 800])
    expect(parked).toEqual([])
  })

  it('parks what never works, tells, and goes on; it can be replayed', async () => {
    const journal = memoryJournal()
    await append(journal, 'a', 3)
    let well = false
    const handle = async ({ position }: Recorded) => {
      if (position === 2 && !well) throw new Fault('docker.pull-failed', 'no such image')
    }
    const { parked, checkpoints, process } = await run(journal, 3, handle)
    expect(parked).toMatchObject([{ name: 'test', position: 2, code: 'docker.pull-failed' }])
    expect(checkpoints.parked('test')).toEqual(parked)
    expect(checkpoints.get('test')).toBe(3)

    const tools = { journal, checkpoints, clock: hastyClock().clock }
    expect(await faultOf(replayParked(process, 1, tools))).toBe('process.not-parked')
    expect(await faultOf(replayParked(process, 2, tools))).toBe('docker.pull-failed')
    expect(checkpoints.parked('test')).toHaveLength(1)
    well = true
    await replayParked(process, 2, tools)
    expect(checkpoints.parked('test')).toEqual([])
    expect(checkpoints.get('test')).toBe(3)
  })

  it('ends while it waits to try again, and handles that fact at the next start', async () => {
    const journal = memoryJournal()
    await append(journal, 'a', 1)
    const stepped = steppedClock()
    const checkpoints = memoryCheckpoints()
    const stop = new AbortController()
    const running = runProcess(
      { name: 'test', handle: () => Promise.reject(new Error('never')) },
      { journal, checkpoints, clock: stepped.clock, signal: stop.signal },
    )
    await stepped.asleepUntil(stepped.clock.now() + 200)
    stop.abort()
    await running
    expect(checkpoints.get('test')).toBe(0)
    expect(checkpoints.parked()).toEqual([])
    const seen: number[] = []
    await run(journal, 1, async ({ position }) => void seen.push(position), { checkpoints })
    expect(seen).toEqual([1])
  })
})
