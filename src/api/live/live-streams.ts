import { LiveStream } from './live-stream.ts'
import type { Outlet } from './outlet.ts'
import type { Question } from './question.ts'
import { Kept } from './ring.ts'
import { Subscriber } from './subscriber.ts'

type Shared = { readonly stream: LiveStream; subscribers: number; readonly leave: () => void }

/** The streams of a server: whoever asks the same shares one. */
export class LiveStreams {
  readonly #streams = new Map<string, Shared>()
  readonly #kept = new Kept()

  /** Nothing is told before its first `next`. */
  subscribe(question: Question, outlet: Outlet): Subscriber {
    const shared = this.#streams.get(question.key) ?? this.#open(question)
    shared.subscribers++
    question.context.metrics.subscriptions.inc()
    return new Subscriber(shared.stream, question.source.after, outlet, shared.leave)
  }

  #open(question: Question): Shared {
    const { key, context } = question
    const shared: Shared = {
      stream: new LiveStream(question, this.#kept),
      subscribers: 0,
      leave: () => {
        context.metrics.subscriptions.dec()
        if (--shared.subscribers > 0) return
        shared.stream.stop()
        this.#streams.delete(key)
      },
    }
    this.#streams.set(key, shared)
    return shared
  }
}
