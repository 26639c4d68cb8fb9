import { decode } from '../../domain/codec.ts'
import type { Fact } from '../../domain/fact.ts'
import { Fault } from '../../domain/fault.ts'
import { Bell } from './bell.ts'
import { followSource, passes, type Window } from './follow.ts'
import {
  COMMANDS_REMEMBERED,
  Conflict,
  type Filter,
  type Journal,
  MAX_READ_FACTS,
  type Position,
  type Recorded,
} from './port.ts'
import { type Prepared, prepare } from './prepared.ts'

type Stored = Omit<Recorded, 'fact'> & { readonly type: string; readonly text: string }

const SCAN_FACTS = 1_000

/** The reference: the whole contract, in memory. Facts are kept encoded, so no reader can change what another reads. */
export const memoryJournal = (): Journal => {
  const log: Stored[] = []
  const streams = new Map<string, Stored[]>()
  const commands = new Map<string, Position>()
  const bell = new Bell(0)
  let closed = false

  const open = (): void => {
    if (closed) throw new Fault('journal.closed', 'the journal is closed')
  }

  const commit = (transact: Prepared): Position => {
    const { commandId, correlationId } = transact
    const before = commandId === undefined ? undefined : commands.get(commandId)
    if (before !== undefined) return before
    const versions = new Map<string, number>()
    for (const { stream, expected, facts } of transact.appends) {
      const actual = versions.get(stream) ?? streams.get(stream)?.length ?? 0
      if (actual !== expected) throw new Conflict(stream, expected, actual)
      versions.set(stream, actual + facts.length)
    }
    const command = commandId ?? `at-${log.length + 1}`
    for (const { stream, facts } of transact.appends) {
      const own = streams.get(stream) ?? []
      if (facts.length > 0) streams.set(stream, own)
      for (const { type, text } of facts) {
        const stored: Stored = {
          position: log.length + 1,
          stream,
          version: own.length + 1,
          type,
          text,
          commandId: command,
          correlationId: correlationId ?? command,
        }
        own.push(stored)
        log.push(stored)
      }
    }
    if (commandId !== undefined) {
      commands.set(commandId, log.length)
      const [oldest] = commands.keys()
      if (commands.size > COMMANDS_REMEMBERED && oldest !== undefined) commands.delete(oldest)
    }
    return log.length
  }

  const scan = (after: Position, filter: Filter | undefined): Window => {
    open()
    const upTo = Math.min(log.length, after + SCAN_FACTS)
    const facts = log.slice(after, upTo).filter(({ stream, type }) => passes(filter, stream, type))
    return { facts: facts.map(recordedOf), upTo: Math.max(after, upTo) }
  }

  return {
    async transact(appends, options) {
      open()
      const position = commit(prepare(appends, options))
      bell.ring(log.length)
      return position
    },
    async read(stream, afterVersion = 0, limit = Number.POSITIVE_INFINITY) {
      open()
      return (streams.get(stream) ?? []).slice(afterVersion, afterVersion + limit).map(recordedOf)
    },
    async readBackward(stream, beforeVersion = Number.POSITIVE_INFINITY, limit = MAX_READ_FACTS) {
      open()
      const older = (streams.get(stream) ?? []).filter(({ version }) => version < beforeVersion)
      return older.toReversed().slice(0, limit).map(recordedOf)
    },
    async readAll(after, filter, limit = MAX_READ_FACTS) {
      open()
      const most = Math.min(limit, MAX_READ_FACTS)
      const found: Stored[] = []
      for (let at = after; at < log.length && found.length < most; at++) {
        const stored = log[at]!
        if (passes(filter, stored.stream, stored.type)) found.push(stored)
      }
      return found.map(recordedOf)
    },
    async readAllBackward(before = Number.POSITIVE_INFINITY, filter, limit = MAX_READ_FACTS) {
      open()
      const older = log.filter(({ position, stream, type }) => position < before && passes(filter, stream, type))
      return older.toReversed().slice(0, Math.min(limit, MAX_READ_FACTS)).map(recordedOf)
    },
    follow: (after, filter, signal) =>
      followSource({ scan, beyond: (at, until) => bell.beyond(at, until) }, after, filter, signal),
    async head() {
      open()
      return log.length
    },
    async close() {
      closed = true
      bell.ringAll()
    },
  }
}

const recordedOf = ({ position, stream, version, text, commandId, correlationId }: Stored): Recorded => ({
  position,
  stream,
  version,
  fact: decode(text) as Fact,
  commandId,
  correlationId,
})
