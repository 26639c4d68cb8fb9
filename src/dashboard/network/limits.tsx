import { showNumber } from '../../../domain/shown.ts'
import { API_LIMITS } from './api-limits.ts'

const WORDS: Readonly<Record<keyof typeof API_LIMITS, string>> = {
  bodyBytes: 'bytes of a request',
  socketMessageBytes: 'bytes of a message on a WebSocket',
  tokens: 'tokens of a document',
  depth: 'fields within fields',
  aliases: 'aliases',
  directives: 'directives',
  cost: 'fields that an answer can have, by its lists’ lengths',
  socketSubscriptions: 'subscriptions on one WebSocket',
  first: 'rows of a list at once',
  deadlineS: 'seconds for a question',
}

/** What is refused, so that nobody can keep the node from its leases. */
export const Limits = () => (
  <section class="card">
    <h2>Limits</h2>
    <dl class="facts">
      {Object.entries(WORDS).map(([name, words]) => (
        <Limit key={name} most={API_LIMITS[name as keyof typeof API_LIMITS]} words={words} />
      ))}
    </dl>
    <p>
      Beyond them, a request is refused with a code such as <code>api.too-complex</code>; who asks too much in a short
      time is told <code>api.rate-limited</code>, and when to ask again.
    </p>
  </section>
)

const Limit = ({ most, words }: { readonly most: number; readonly words: string }) => (
  <>
    <dt class="figure">{showNumber(most)}</dt>
    <dd>{words}</dd>
  </>
)
