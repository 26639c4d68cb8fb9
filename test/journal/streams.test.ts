import { describe, expect, it } from 'vitest'
import type { Decider } from '../../domain/decider.ts'
import { isRefusal } from '../../domain/fact.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { faultOf } from '../contracts/journal.ts'

type Moved = {
  readonly type: 'purse.moved'
  readonly at: number
  readonly sats: bigint
  readonly note?: string | undefined
}
type Move = { readonly sats: bigint }
type Purse = { readonly sats: bigint; readonly moves: number }

/** A purse that may not go below zero; moving nothing changes nothing. */
const purse: Decider<Move, Purse, Moved, 'empty'> = {
  initial: { sats: 0n, moves: 0 },
  decide({ sats }, state) {
    if (sats === 0n) return []
    if (state.sats + sats < 0n) return { refused: 'empty', why: `${state.sats} < ${-sats}` }
    return [{ type: 'purse.moved', at: 1, sats, note: undefined }]
  },
  evolve: (state, fact) => ({ sats: state.sats + fact.sats, moves: state.moves + 1 }),
}

const move = (sats: bigint): Move => ({ sats })

describe('streams', () => {
  it('decides, appends, and gives facts, state and version', async () => {
    const streams = openStreams(memoryJournal())
    expect(await streams.execute(purse, 'purse-a', move(5n))).toEqual({
      facts: [{ type: 'purse.moved', at: 1, sats: 5n }],
      state: { sats: 5n, moves: 1 },
      version: 1,
      position: 1,
    })
    expect(await streams.load(purse, 'purse-a')).toEqual({ state: { sats: 5n, moves: 1 }, version: 1 })
    expect(await streams.load(purse, 'purse-b')).toEqual({ state: purse.initial, version: 0 })
  })

  it('appends nothing for a decision of nothing, or a refusal', async () => {
    const journal = memoryJournal()
    const streams = openStreams(journal)
    expect(await streams.execute(purse, 'p', move(0n))).toMatchObject({ facts: [], version: 0, position: 0 })
    expect(await streams.execute(purse, 'p', move(-1n))).toMatchObject({ refused: 'empty' })
    expect(await journal.head()).toBe(0)
  })

  it('runs commands for one stream one after the other', async () => {
    const streams = openStreams(memoryJournal())
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, i) => streams.execute(purse, 'p', move(i % 2 ? -1n : 1n))),
    )
    expect(results.some(isRefusal)).toBe(false)
    expect(await streams.load(purse, 'p')).toEqual({ state: { sats: 0n, moves: 200 }, version: 200 })
  })

  it('decides again when somebody else appended first', async () => {
    const journal = memoryJournal()
    const [one, two] = [openStreams(journal), openStreams(journal)]
    await one.execute(purse, 'p', move(10n))
    const results = await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 ? one : two).execute(purse, 'p', move(-1n))),
    )
    expect(results.filter((r) => !isRefusal(r))).toHaveLength(10)
    expect((await one.load(purse, 'p')).state).toEqual({ sats: 0n, moves: 11 })
  })

  it('does not refuse on a state that another process has changed', async () => {
    const journal = memoryJournal()
    const [one, two] = [openStreams(journal), openStreams(journal)]
    expect(await one.execute(purse, 'p', move(-1n))).toMatchObject({ refused: 'empty' })
    await two.execute(purse, 'p', move(1n))
    expect(await one.execute(purse, 'p', move(-1n))).toMatchObject({ version: 2 })
  })

  it('answers a repeated command as the first time, also when it would now be refused', async () => {
    const journal = memoryJournal()
    const streams = openStreams(journal)
    await streams.execute(purse, 'p', move(1n))
    const first = await streams.execute(purse, 'p', move(-1n), { commandId: 'spend' })
    expect(await streams.execute(purse, 'p', move(-1n), { commandId: 'spend' })).toEqual(first)
    await streams.execute(purse, 'p', move(7n))
    const again = await openStreams(journal).execute(purse, 'p', move(-1n), { commandId: 'spend' })
    expect(again).toMatchObject({ facts: [{ sats: -1n }], position: 2, version: 3, state: { sats: 7n } })
    expect(await journal.head()).toBe(3)
    expect(await faultOf(streams.execute(purse, 'other', move(1n), { commandId: 'spend' }))).toBe('journal.bad-command')
  })

  it('appends further facts in the same unit', async () => {
    const journal = memoryJournal()
    const streams = openStreams(journal)
    const also = [{ stream: 'outbox', expected: 0, facts: [{ type: 'mail.sent', at: 1 }] }]
    await streams.execute(purse, 'p', move(1n), { also })
    expect(await journal.read('outbox')).toHaveLength(1)
    expect(await faultOf(streams.execute(purse, 'p', move(1n), { also }))).toBe('journal.conflict')
    expect((await streams.load(purse, 'p')).version).toBe(1)
  })

  it('does commands for several streams, all or none', async () => {
    const journal = memoryJournal()
    const streams = openStreams(journal)
    await streams.execute(purse, 'a', move(10n))
    const pay = (sats: bigint) =>
      streams.transact([
        { decider: purse, stream: 'b', command: move(sats) },
        { decider: purse, stream: 'a', command: move(-sats) },
      ])
    expect(await pay(11n)).toMatchObject({ refused: 'empty', step: 1 })
    expect(await journal.head()).toBe(1)
    const paid = await pay(4n)
    if (isRefusal(paid)) throw new Error(paid.why)
    const [to, from] = paid.done
    expect([to.state.sats, from.state.sats, paid.position]).toEqual([4n, 6n, 3])
  })

  it('keeps the sum in units that cross each other', async () => {
    const journal: Journal = memoryJournal()
    const both = [openStreams(journal), openStreams(journal)]
    const names = ['a', 'b', 'c'] as const
    for (const name of names) await both[0]!.execute(purse, name, move(5n))
    await Promise.all(
      Array.from({ length: 60 }, (_, i) => {
        const [from, to] = [names[i % 3]!, names[(i + 1 + (i % 2)) % 3]!]
        return both[i % 2]!.transact([
          { decider: purse, stream: from, command: move(-2n) },
          { decider: purse, stream: to, command: move(2n) },
        ]).catch((error) => expect(error.code).toBe('journal.conflict'))
      }),
    )
    const states = await Promise.all(names.map((name) => both[0]!.load(purse, name)))
    expect(states.reduce((sum, { state }) => sum + state.sats, 0n)).toBe(15n)
  })
})
