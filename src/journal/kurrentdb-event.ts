import { createHash, randomUUID } from 'node:crypto'
import type { JSONEventData, JSONType, RecordedEvent } from '@kurrent/kurrentdb-client'
import { z } from 'zod'
import { Fault } from '../../domain/fault.ts'
import { type FactForm, factOf } from './fact-form.ts'
import type { Position, Recorded } from './port.ts'
import type { PreparedFact } from './prepared.ts'

/** Namespace of event ids: random, fixed for ever. */
const NAMESPACE = Buffer.from('6d1f0f4b2a3c4c0e9f8a5b7c1e2d3f40', 'hex')

/** UUIDv5 (RFC 9562, 5.5) of a command and the place of a fact in it: the same command again has the same event ids. */
export const eventId = (commandId: string, index: number): string => {
  const hash = createHash('sha1').update(NAMESPACE).update(`${index} ${commandId}`).digest().subarray(0, 16)
  hash[6] = (hash[6]! & 0x0f) | 0x50
  hash[8] = (hash[8]! & 0x3f) | 0x80
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export type Causes = { readonly commandId: string | undefined; readonly correlationId: string | undefined }

/** Facts of one unit as events. Metadata are texts alone: the second protocol takes nothing else. */
export const eventsOf = (facts: readonly PreparedFact[], { commandId, correlationId }: Causes): JSONEventData[] => {
  // A single fact without a command is called after its position when it is read; several need a name in common.
  for (const id of [commandId, correlationId]) {
    if (id?.isWellFormed() === false)
      throw new Fault('journal.bad-command', 'a command or correlation id is not Unicode')
  }
  const command = commandId ?? (facts.length > 1 ? `unit-${randomUUID()}` : undefined)
  const metadata = { ...(command ? { commandId: command } : {}), ...(correlationId ? { correlationId } : {}) }
  return facts.map(({ type, text }, i) => ({
    id: commandId === undefined ? randomUUID() : eventId(commandId, i),
    contentType: 'application/json',
    // Half a character cannot go over the wire; the fact itself keeps it, escaped.
    type: type.toWellFormed(),
    data: JSON.parse(text) as JSONType,
    metadata,
  }))
}

const metadataForm = z.looseObject({
  commandId: z.string().min(1).optional(),
  correlationId: z.string().min(1).optional(),
})
const storedForm = z.looseObject({ type: z.string().min(1), at: z.number().int() })

/** @throws Fault `journal.corrupt` when it holds no fact, `journal.newer-fact` */
export const recordedOf = (event: RecordedEvent, prefix: string, form: FactForm): Recorded => {
  const position = positionOf(event)
  if (!event.streamId.startsWith(prefix) || !storedForm.safeParse(event.data).success) {
    throw new Fault('journal.corrupt', `position ${position}, in ${event.streamId}, holds no fact`, {
      next: 'Somebody else writes to this log: give it a name that nobody else uses.',
    })
  }
  const place = { stream: event.streamId.slice(prefix.length), version: Number(event.revision) + 1 }
  const causes = causesOf(event)
  const commandId = causes.commandId ?? `at-${position}`
  return {
    position,
    ...place,
    ...factOf(JSON.stringify(event.data), place, form),
    commandId,
    correlationId: causes.correlationId ?? commandId,
  }
}

/** The fact's own type; the event's may be another one, see `eventsOf`. */
export const typeOf = ({ data, type }: RecordedEvent): string => {
  const own = typeof data === 'object' && data !== null && 'type' in data ? data['type'] : undefined
  return typeof own === 'string' ? own : type
}

export const causesOf = (event: RecordedEvent): Causes => {
  const { data } = metadataForm.safeParse(event.metadata)
  return { commandId: data?.commandId, correlationId: data?.correlationId }
}

/**
 * Where the event's own record stands in the server's log. The prepare position, because it is the event's own also when several
 * share a commit; facts are in its order.
 * @throws Fault `journal.failed` when the server did not tell
 */
export const positionOf = (event: RecordedEvent): Position => {
  const position = Number(event.position?.prepare ?? -1n)
  if (!Number.isSafeInteger(position) || position < 1) {
    throw new Fault('journal.failed', `the server does not tell the position of ${event.streamId} ${event.revision}`, {
      next: 'Use KurrentDB 25.1 or later.',
    })
  }
  return position
}
