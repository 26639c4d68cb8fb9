import { Fault } from '../../domain/fault.ts'
import { Bell } from './bell.ts'
import { FACT_FORM, type FactForm } from './fact-form.ts'
import { passes } from './follow.ts'
import { journalOf } from './journal-of.ts'
import {
  type Archiving,
  COMMANDS_REMEMBERED,
  Conflict,
  type Filter,
  type Journal,
  type Position,
  type Retaining,
  type Retention,
  type StreamInfo,
} from './port.ts'
import type { Prepared } from './prepared.ts'
import {
  type Change,
  type LogRange,
  type Piece,
  pieceOf,
  type Store,
  type Stored,
  type StreamRange,
  type TypedStored,
} from './store.ts'
import { refuseTombstoned, refuseUnless } from './stream-state.ts'

type Stream = { version: number; facts: TypedStored[]; retention: Retention; state: StreamInfo['state'] }

/** Positions that one scan looks at. */
const SCAN_POSITIONS = 1_000

const unbegun = (): Stream => ({ version: 0, facts: [], retention: {}, state: 'live' })

/** The reference: the whole contract, in memory. Facts are kept encoded, so no reader can change what another reads. */
export const memoryJournal = (form: FactForm = FACT_FORM): Journal & Retaining & Archiving =>
  journalOf(memoryStore(), form)

export const memoryStore = (): Store => new MemoryStore()

class MemoryStore implements Store {
  /** By position; removed facts leave a hole. */
  readonly #log: (TypedStored | undefined)[] = []
  readonly #streams = new Map<string, Stream>()
  readonly #commands = new Map<string, Position>()
  readonly #bell = new Bell(0)

  async change(change: Change): Promise<number> {
    switch (change.kind) {
      case 'transact':
        return this.#transact(change.transact)
      case 'retain':
        return this.#retain(change.stream, change.retention)
      case 'tombstone':
        return this.#tombstone(change.stream, change.expected)
      case 'archive':
        return this.#move(change.streams, 'live', 'archived')
      case 'restore':
        return this.#move(change.streams, 'archived', 'live')
    }
  }

  async stream({ stream, after, before, limit, backward }: StreamRange): Promise<Piece> {
    const { facts } = this.#of(stream)
    // Without holes: what a retention removes is at the beginning.
    const oldest = facts[0]?.version ?? 1
    const found = facts.slice(Math.max(0, after + 1 - oldest), Math.max(0, before - oldest))
    return pieceOf(backward ? found.reverse() : found, limit, 0, false, ({ version }) => version)
  }

  async scan({ after, before, filter, limit, backward }: LogRange): Promise<Piece> {
    const last = Math.min(before - 1, this.#log.length)
    const from = backward ? Math.max(after, last - SCAN_POSITIONS) : after
    const to = backward ? last : Math.min(last, after + SCAN_POSITIONS)
    const found = this.#log
      .slice(from, Math.max(from, to))
      .filter((stored) => stored !== undefined)
      .filter(({ stream, type }) => passes(filter, stream, type))
    const at = ({ position }: Stored) => position
    return backward
      ? pieceOf(found.reverse(), limit, from + 1, from > after, at)
      : pieceOf(found, limit, Math.max(after, to), to < last, at)
  }

  async describe(name: string): Promise<StreamInfo> {
    const { version, facts, retention, state } = this.#of(name)
    return { version, oldest: facts[0]?.version ?? 0, retention, state }
  }

  async head(): Promise<Position> {
    return this.#log.length
  }

  beyond(after: Position, signal: AbortSignal, wanted?: Filter): Promise<void> {
    return this.#bell.beyond(after, signal, wanted)
  }

  async close(): Promise<void> {
    this.#bell.ringAll()
  }

  #of(name: string): Stream {
    return this.#streams.get(name) ?? unbegun()
  }

  #transact({ appends, commandId, correlationId }: Prepared): Position {
    const before = commandId === undefined ? undefined : this.#commands.get(commandId)
    if (before !== undefined) return before
    const versions = new Map<string, number>()
    for (const { stream, expected, facts } of appends) {
      const { version, state } = this.#of(stream)
      const actual = versions.get(stream) ?? version
      if (facts.length > 0) refuseUnless(state, 'live', stream)
      if (actual !== expected) throw new Conflict(stream, expected, actual)
      versions.set(stream, actual + facts.length)
    }
    const command = commandId ?? `at-${this.#log.length + 1}`
    for (const { stream, facts } of appends) {
      const own = this.#of(stream)
      if (facts.length > 0) this.#streams.set(stream, own)
      for (const { type, text } of facts) {
        own.version += 1
        const ids = { commandId: command, correlationId: correlationId ?? command }
        const stored = { position: this.#log.length + 1, stream, version: own.version, type, text, ...ids }
        own.facts.push(stored)
        this.#log.push(stored)
      }
      this.#forget(own)
    }
    if (commandId !== undefined) this.#remember(commandId)
    this.#bell.ring(this.#log.length, appends)
    return this.#log.length
  }

  #remember(commandId: string): void {
    this.#commands.set(commandId, this.#log.length)
    const [oldest] = this.#commands.keys()
    if (this.#commands.size > COMMANDS_REMEMBERED && oldest !== undefined) this.#commands.delete(oldest)
  }

  #retain(name: string, retention: Retention): 0 {
    const own = this.#of(name)
    refuseUnless(own.state, 'live', name)
    if ((retention.before ?? 1) > own.version + 1) {
      throw new Fault('journal.bad-retention', `${name} has not yet reached ${retention.before}`)
    }
    own.retention = retention
    this.#streams.set(name, own)
    this.#forget(own)
    return 0
  }

  #tombstone(name: string, expected: number): 0 {
    const own = this.#of(name)
    if (own.state === 'tombstoned') return 0
    refuseUnless(own.state, 'live', name)
    if (own.version !== expected) throw new Conflict(name, expected, own.version)
    this.#streams.set(name, own)
    own.state = 'tombstoned'
    this.#forget(own)
    return 0
  }

  #move(names: readonly string[], from: StreamInfo['state'], to: StreamInfo['state']): number {
    if (to === 'archived') for (const name of names) refuseTombstoned(this.#of(name).state, name)
    const moved = names.map((name) => this.#of(name)).filter(({ state, facts }) => state === from && facts.length > 0)
    for (const stream of moved) stream.state = to
    return moved.length
  }

  #forget(stream: Stream): void {
    const { newest = stream.version, before = 1 } = stream.retention
    const oldest = stream.state === 'tombstoned' ? stream.version + 1 : Math.max(before, stream.version - newest + 1)
    while (stream.facts[0] !== undefined && stream.facts[0].version < oldest) {
      this.#log[stream.facts.shift()!.position - 1] = undefined
    }
  }
}
