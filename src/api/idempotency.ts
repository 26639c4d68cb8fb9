import { createHash } from 'node:crypto'
import { encode } from '../../domain/codec.ts'
import type { Fact } from '../../domain/fact.ts'
import { Conflict, type Journal } from '../journal/port.ts'
import type { Problem } from './port.ts'
import { isProblem, problemOf } from './problem.ts'

/** A command was done: what it answers whenever it is sent again. */
type Answered = Fact & {
  readonly type: 'request.answered'
  readonly operation: string
  /** SHA-256 of the input, hex. */
  readonly input: string
  readonly answer: unknown
}

export type Request = {
  /** Who asks: keys of different people do not meet. */
  readonly who: string
  /** Name of the mutation. */
  readonly operation: string
  readonly idempotencyKey: string
  readonly input: object
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const running = new WeakMap<Journal, Map<string, Promise<unknown>>>()

/**
 * Does a command once. Sent again with the same key it answers as before, from the log, also after a restart and from another node;
 * with another input it is a problem. What ended in a problem may be tried again with the same key. When the program dies between
 * doing and writing that down, `run` is called again: it must bear that.
 * @throws whatever `run` throws; nothing is kept then
 */
export const once = async <T extends object>(
  { journal, clock }: { readonly journal: Journal; readonly clock: { now(): number } },
  { who, operation, idempotencyKey, input }: Request,
  run: () => Promise<T | Problem>,
): Promise<T | Problem> => {
  const id = sha256(encode([who, operation, idempotencyKey])).slice(0, 32)
  const hash = sha256(encode(input))
  const answeredBefore = async (): Promise<T | Problem | undefined> => {
    const [recorded] = await journal.read(`request-${id}`, 0, 1)
    const answered = recorded?.fact as Answered | undefined
    return answered && (answered.input === hash ? (answered.answer as T) : otherInput(operation))
  }
  const own = running.get(journal) ?? new Map<string, Promise<unknown>>()
  running.set(journal, own)
  const before = own.get(id)
  const work = (async () => {
    // The same command twice at a time: the second waits and reads what the first has written.
    await before?.catch(() => {})
    const earlier = await answeredBefore()
    if (earlier) return earlier
    const answer = await run()
    if (isProblem(answer)) return answer
    const fact: Answered = { type: 'request.answered', at: clock.now(), operation, input: hash, answer }
    try {
      await journal.transact([{ stream: `request-${id}`, expected: 0, facts: [fact] }])
    } catch (error) {
      if (!(error instanceof Conflict)) throw error
      return (await answeredBefore())!
    }
    return answer
  })()
  own.set(id, work)
  try {
    return await work
  } finally {
    if (own.get(id) === work) own.delete(id)
  }
}

const otherInput = (operation: string): Problem =>
  problemOf(
    'api.key-reused',
    `this idempotencyKey was used before, for another ${operation}`,
    'Choose a new key for a new command.',
  )
