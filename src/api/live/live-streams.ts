import { LiveStream } from './live-stream.ts'
import type { Outlet } from './outlet.ts'
import type { Question } from './question.ts'
import { Kept } from './ring.ts'
import { Subscriber } from './subscriber.ts'

type Shared = { readonly stream: LiveStream; subscribers: number }

/** The streams of a server: whoever asks the same shares one. */
export class LiveStreams {
  readonly #streams = new Map<string, Shared>()
  readonly #kept = new Kept()

  /** Nothing is told before its first `next`. */
  subscribe(question: Question, outlet: Outlet): Subscriber {
    const { metrics } = question.context
    const shared = this.#streams.get(question.key) ?? { stream: new LiveStream(question, this.#kept), subscribers: 0 }
    this.#streams.set(question.key, shared)
    shared.subscribers++
    metrics.subscriptions.inc()
    return new Subscriber(shared.stream, question.source.after, outlet, () => {
      metrics.subscriptions.dec()
      if (--shared.subscribers > 0) return
      shared.stream.stop()
      if (this.#streams.get(question.key) === shared) this.#streams.delete(question.key)
    })
  }
}
