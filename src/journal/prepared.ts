import { decode, encode } from '../../domain/codec.ts'
import type { Fact } from '../../domain/fact.ts'
import { Fault } from '../../domain/fault.ts'
import { FACT_FORM, type FactForm, type FactPlace, textOf } from './fact-form.ts'
import {
  type Append,
  type AppendOptions,
  MAX_APPEND_BYTES,
  MAX_APPEND_FACTS,
  MAX_COMMAND_ID,
  MAX_FACT_BYTES,
  MAX_STREAM_NAME,
} from './port.ts'

/** A fact as it is stored: its type, for filters, and its canonical text. */
export type PreparedFact = { readonly type: string; readonly text: string }

/** A `transact` that has passed every check that needs no log. */
export type Prepared = {
  readonly appends: readonly {
    readonly stream: string
    readonly expected: number
    readonly facts: readonly PreparedFact[]
  }[]
  readonly commandId: string | undefined
  readonly correlationId: string | undefined
}

/** Facts that came out of their own text: encoded and read back once, and not again when they are appended. */
const texts = new WeakMap<Fact, string>()

/** A fact as every reader will have it. @throws SyntaxError when it cannot be read back */
export const asStored = <F extends Fact>(fact: F): F => {
  const text = encode(fact)
  const stored = decode(text) as F
  texts.set(stored, text)
  return stored
}

const STREAM = /^[a-z0-9.:_-]+$/
const MAX_TYPE = 200

/**
 * Checks, seals and encodes, before anything is queued, so a bad `transact` fails alone.
 * @throws Fault `journal.too-large`, `journal.bad-stream`, `journal.bad-fact`, `journal.bad-command`, and of the seals
 */
export const prepare = (
  appends: readonly Append[],
  options: AppendOptions = {},
  form: FactForm = FACT_FORM,
): Prepared => {
  checkId(options.commandId)
  checkId(options.correlationId)
  let count = 0
  let bytes = 0
  const prepared = appends.map(({ stream, expected, facts }) => {
    checkStream(stream)
    count += facts.length
    if (count > MAX_APPEND_FACTS) throw new Fault('journal.too-large', `more than ${MAX_APPEND_FACTS} facts at once`)
    const encoded = facts.map((fact, i) => {
      const text = factText(fact, { stream, version: expected + i + 1 }, form)
      const size = Buffer.byteLength(text)
      if (size > MAX_FACT_BYTES) throw new Fault('journal.too-large', `${fact.type} has ${size} bytes`)
      bytes += size
      if (bytes > MAX_APPEND_BYTES) throw new Fault('journal.too-large', `more than ${MAX_APPEND_BYTES} bytes at once`)
      return { type: fact.type, text }
    })
    return { stream, expected, facts: encoded }
  })
  return { appends: prepared, commandId: options.commandId, correlationId: options.correlationId }
}

/** @throws Fault `journal.bad-stream` */
export const checkStream = (stream: string): void => {
  if (stream.length > MAX_STREAM_NAME || !STREAM.test(stream)) {
    throw new Fault('journal.bad-stream', `not a stream name: ${JSON.stringify(stream.slice(0, MAX_STREAM_NAME))}`)
  }
}

const checkId = (id: string | undefined): void => {
  if (id !== undefined && (id.length === 0 || id.length > MAX_COMMAND_ID)) {
    throw new Fault('journal.bad-command', `a command or correlation id has 1 to ${MAX_COMMAND_ID} characters`)
  }
}

const factText = (fact: Fact, place: FactPlace, form: FactForm): string => {
  if (typeof fact.type !== 'string' || fact.type.length === 0 || fact.type.length > MAX_TYPE) {
    throw new Fault('journal.bad-fact', 'a fact needs a type')
  }
  if (!Number.isSafeInteger(fact.at)) throw new Fault('journal.bad-fact', `${fact.type}: at is not a time`)
  if ('v' in fact && !form.raw) throw new Fault('journal.bad-fact', `${fact.type}: v is the journal's own`)
  try {
    return textOf(fact, place, form, texts.get(fact))
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault('journal.bad-fact', `${fact.type} cannot be read back`, { cause })
  }
}
