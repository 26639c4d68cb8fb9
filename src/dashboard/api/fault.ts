/** What went wrong, told as the API tells it: a stable code, what happened, whose fault it is and what to do. */
export type Told = {
  readonly code: string
  readonly message: string
  readonly culprit: string
  readonly next: string
}

/** Thrown by what asks the API. */
export class Fault extends Error implements Told {
  readonly code: string
  readonly culprit: string
  readonly next: string

  constructor({ code, message, culprit, next }: Told) {
    super(message)
    this.code = code
    this.culprit = culprit
    this.next = next
  }
}

/** Errors that come without words of their own. */
const WORDS: Readonly<Record<string, Omit<Told, 'code'>>> = {
  'api.unauthorized': {
    message: 'The node does not know this token.',
    culprit: 'you',
    next: 'Run zennet dashboard on the node’s machine and open the address that it prints.',
  },
  'api.rate-limited': {
    message: 'Too much was asked in a short time.',
    culprit: 'you',
    next: 'It is asked again in a moment by itself.',
  },
  'api.draining': {
    message: 'The node is being stopped.',
    culprit: 'host',
    next: 'Start it again: the page goes on by itself.',
  },
  'api.stale-read': {
    message: 'The node’s rows are behind its log.',
    culprit: 'host',
    next: 'It is asked again in a moment; see the health page when it lasts.',
  },
}

/** The node is not there: every question fails in the same way. */
export const unreachable = (): Fault =>
  new Fault({
    code: 'api.unreachable',
    message: 'The node does not answer.',
    culprit: 'host',
    next: 'Start it again with zennetd or npm start. Nothing is lost: leases go on from the log.',
  })

/** Of what a subscription ended with: the node's own words; undefined: it ended by itself, or the connection was lost. */
export const subscriptionFault = (error: unknown): Fault | undefined => {
  const first: unknown = Array.isArray(error) ? error[0] : error
  if (typeof first !== 'object' || first === null || !('message' in first) || !('extensions' in first)) return undefined
  return faultOf(first as Parameters<typeof faultOf>[0])
}

/** An error of a GraphQL answer or of the HTTP server. */
export const faultOf = (error: { readonly message: string; readonly extensions?: Record<string, unknown> }): Fault => {
  const { code, culprit, next } = error.extensions ?? {}
  const name = typeof code === 'string' ? code : 'api.internal'
  const words = WORDS[name]
  return new Fault({
    code: name,
    message: words?.message ?? error.message,
    culprit: typeof culprit === 'string' ? culprit : (words?.culprit ?? 'host'),
    next: typeof next === 'string' ? next : (words?.next ?? 'Look into the node’s log by the code.'),
  })
}
