import { randomUUID } from 'node:crypto'
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  executeSubscriptionEvent,
  Kind,
  print,
  validateSubscriptionArgs,
  visit,
} from 'graphql'
import type { Position } from '../../journal/port.ts'
import type { Told } from '../follow.ts'
import { requestScope } from '../mask.ts'
import type { Principal } from '../session/principal.ts'
import { LogFeed } from './feed.ts'
import { type Answer, type Event, Live } from './live.ts'
import { Reader } from './reader.ts'

export type Subscribe = (args: ExecutionArgs) => Promise<Reader | ExecutionResult>

type Validated = Exclude<ReturnType<typeof validateSubscriptionArgs>, readonly unknown[]>

/**
 * Subscriptions of one server. Those with the same document, variables and rights are executed once for all who have caught up, and
 * share the text; catching up is each one's own. Takes the place of graphql's `subscribe` for both transports.
 *
 * @param mask what is shown of an error; an error of a shared answer is logged once, under a request id of its own
 */
export const sharedSubscriptions = (mask: (error: unknown) => Error): Subscribe => {
  const lives = new Map<string, Live>()
  const liveAt = (key: string, feed: LogFeed, place: Position, answer: Answer): Live => {
    const known = lives.get(key)
    if (known !== undefined) return known
    const live: Live = new Live(feed, place, answer, () => {
      if (lives.get(key) === live) lives.delete(key)
    })
    lives.set(key, live)
    return live
  }
  const masked = ({ errors, ...result }: ExecutionResult): ExecutionResult =>
    errors === undefined ? result : { errors: errors.map((error) => mask(error) as typeof error), ...result }
  /** `requestId`: under which an error is logged. */
  const answers =
    (validated: Validated, requestId: string): Answer =>
    (told) =>
      requestScope.run(requestId, async () =>
        eventOf(told, masked(await executeSubscriptionEvent({ ...validated, rootValue: told }))),
      )

  return async (args) => {
    const validated = validateSubscriptionArgs(args)
    if (!('schema' in validated)) return { errors: validated }
    const source = await createSourceEventStream(validated)
    if (!(source instanceof LogFeed)) return masked(source as ExecutionResult)
    const key = keyOf(args, source.context.principal)
    return new Reader({
      feed: source,
      answer: answers(validated, requestScope.getStore() ?? randomUUID()),
      // What fails there is nobody's request in particular.
      liveAt: (place) => liveAt(key, source, place, answers(validated, `live-${randomUUID()}`)),
      mask,
    })
  }
}

const eventOf = (told: Told, result: ExecutionResult): Event => {
  const text = JSON.stringify(result)
  return { position: told.kind === 'fact' ? told.recorded.position : told.position, text, stringify: () => text }
}

/** Whoever has the same key is given the same texts. */
const keyOf = ({ document, operationName, variableValues }: ExecutionArgs, principal: Principal): string => {
  const { text, place } = known(document)
  const variables = Object.entries(variableValues ?? {})
    .filter(([name]) => name !== place)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const scope = principal.kind === 'session' ? principal.id : principal.kind
  return JSON.stringify([scope, operationName ?? null, variables, text])
}

type Known = { readonly text: string; readonly place: string | undefined }
const documents = new WeakMap<DocumentNode, Known>()

const known = (document: DocumentNode): Known => {
  const before = documents.get(document)
  if (before !== undefined) return before
  const found = { text: document.loc?.source.body ?? print(document), place: placeVariable(document) }
  documents.set(document, found)
  return found
}

/** The variable that only says behind which place to begin: `after` of the root field, used nowhere else. */
const placeVariable = (document: DocumentNode): string | undefined => {
  const uses = new Map<string, number>()
  let place: string | undefined
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void uses.set(name.value, (uses.get(name.value) ?? 0) + 1),
  })
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    for (const field of definition.selectionSet.selections) {
      if (field.kind !== Kind.FIELD) continue
      const after = field.arguments?.find(({ name }) => name.value === 'after')
      if (after?.value.kind === Kind.VARIABLE) place = after.value.name.value
    }
  }
  return place !== undefined && uses.get(place) === 1 ? place : undefined
}
