import type { Fact } from '../../domain/fact.ts'
import type { Clock } from '../../src/clock/port.ts'
import type { Journal } from '../../src/journal/port.ts'
import type { Link, Peers } from '../../src/peer/port.ts'

type Call = (...args: unknown[]) => unknown

const never = (): Promise<never> => new Promise(() => {})

/**
 * Kills an object graph as a process is killed: after `blow` none of its calls to the world comes back or does anything, its
 * connections are cut, and its listeners are gone. What it had written stays.
 */
export class Fuse {
  blown = false
  readonly #stop = new AbortController()
  readonly #links = new Set<Link>()
  readonly blownAt: Promise<void>
  #told: () => void = () => {}

  constructor() {
    this.blownAt = new Promise((resolve) => {
      this.#told = resolve
    })
  }

  blow(): void {
    this.blown = true
    this.#stop.abort(new Error('killed'))
    for (const link of this.#links) link.close()
    this.#told()
  }

  /** The same port, whose calls end with the process. For ports whose methods give promises or async iterables. */
  port<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, key) => {
        const value = Reflect.get(target, key, target)
        return typeof value === 'function' ? (...args: unknown[]) => this.#call(target, value as Call, args) : value
      },
    })
  }

  clock(clock: Clock): Clock {
    const { sleep } = this.port({ sleep: clock.sleep })
    return {
      now: () => clock.now(),
      steadyUs: () => clock.steadyUs(),
      sleep: (ms, signal) => sleep(ms, this.#or(signal)),
    }
  }

  peers(peers: Peers): Peers {
    const kept = (link: Link): Link => {
      this.#links.add(link)
      void link.closed.then(() => this.#links.delete(link))
      return link
    }
    return {
      dial: async (endpoint, signal) => (this.blown ? never() : kept(await peers.dial(endpoint, signal))),
      listen: async (endpoint, onLink) => {
        const listener = await peers.listen(endpoint, (link) => (this.blown ? link.close() : onLink(kept(link))))
        this.#stop.signal.addEventListener('abort', () => void listener.close())
        return listener
      },
    }
  }

  /** A journal that dies at once after facts that `trap` chooses were written, or just before. */
  journal(journal: Journal, trap: (facts: readonly Fact[]) => 'before' | 'after' | undefined): Journal {
    const dying: Journal = {
      transact: async (appends, options) => {
        const when = trap(appends.flatMap((append) => append.facts))
        if (when === 'before') this.blow()
        if (this.blown) return await never()
        const position = await journal.transact(appends, options)
        if (when === 'after') this.blow()
        return position
      },
      read: (stream, after, limit) => journal.read(stream, after, limit),
      readBackward: (stream, before, limit) => journal.readBackward(stream, before, limit),
      readAll: (after, filter, limit) => journal.readAll(after, filter, limit),
      readAllBackward: (before, filter, limit) => journal.readAllBackward(before, filter, limit),
      follow: (after, filter, signal) => journal.follow(after, filter, signal),
      head: () => journal.head(),
      close: () => journal.close(),
    }
    return this.port(dying)
  }

  #call(target: object, value: Call, args: unknown[]): unknown {
    if (this.blown) return never()
    const answer = value.apply(
      target,
      args.map((arg) => (arg instanceof AbortSignal ? this.#or(arg) : arg)),
    )
    if (answer instanceof Promise)
      return answer.then(
        (result) => (this.blown ? never() : result),
        (error) => (this.blown ? never() : Promise.reject(error)),
      )
    return isAsyncIterable(answer) ? this.#guarded(answer) : answer
  }

  async *#guarded(inner: AsyncIterable<unknown>): AsyncIterable<unknown> {
    try {
      for await (const item of inner) {
        if (this.blown) await never()
        yield item
      }
    } catch (error) {
      if (!this.blown) throw error
    }
    if (this.blown) await never()
  }

  #or(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal
  }
}

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value
