import { Worker } from 'node:worker_threads'
import { type Culprit, Fault } from '../../domain/fault.ts'
import { Bell } from './bell.ts'
import { Conflict, type Position, type StreamInfo } from './port.ts'
import type { Change, LogRange, Piece, Store, StreamRange } from './store.ts'

/** How a fault crosses threads: a structured clone would make a plain Error of it. */
export type SentFault = {
  readonly code: string
  readonly message: string
  readonly culprit: Culprit | 'you'
  readonly next: string
  readonly conflict?: { readonly stream: string; readonly expected: number; readonly actual: number }
}

/** What is asked of the thread. `beyond` is answered with the head when that is after its argument. */
export type Asked = { readonly id: number } & (
  | { readonly call: 'change'; readonly argument: Change }
  | { readonly call: 'stream'; readonly argument: StreamRange }
  | { readonly call: 'scan'; readonly argument: LogRange }
  | { readonly call: 'describe'; readonly argument: string }
  | { readonly call: 'beyond'; readonly argument: Position }
  | { readonly call: 'open' | 'head' | 'close' }
)
export type Answered =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly fault: SentFault }

type Call = Asked extends infer A ? (A extends Asked ? Omit<A, 'id'> : never) : never
type Pending = { readonly resolve: (value: unknown) => void; readonly reject: (fault: Fault) => void }

/**
 * The SQLite store in a thread of its own: the disk's waits, and SQLite's work, are no longer this thread's. Facts cross as text.
 * @throws Fault as `openSqliteStore`
 */
export const openWorkerStore = async (path: string): Promise<Store> => {
  // Not every flag of a process may be given to a thread: one with `--input-type` would not start.
  const execArgv = process.execArgv.filter((flag) => flag.startsWith('--disable-warning='))
  const options = { workerData: { path }, execArgv }
  const store = new WorkerStore(new Worker(new URL('./sqlite-worker.ts', import.meta.url), options))
  await store.open()
  return store
}

class WorkerStore implements Store {
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  readonly #bell = new Bell(0)
  #asked = 0
  #heard: Position = 0
  #listening = false
  #ended: Fault | undefined

  constructor(worker: Worker) {
    this.#worker = worker
    worker.on('message', (answer: Answered) => this.#answer(answer))
    worker.on('error', (cause) => this.#end(new Fault('journal.failed', 'the journal thread failed', { cause })))
    worker.on('exit', () => this.#end(new Fault('journal.closed', 'the journal is closed')))
    worker.unref()
  }

  async open(): Promise<void> {
    this.#heard = (await this.#ask({ call: 'open' })) as Position
    this.#bell.ring(this.#heard)
  }

  change(change: Change): Promise<number> {
    return this.#ask({ call: 'change', argument: change }) as Promise<number>
  }

  stream(range: StreamRange): Promise<Piece> {
    return this.#ask({ call: 'stream', argument: range }) as Promise<Piece>
  }

  scan(range: LogRange): Promise<Piece> {
    return this.#ask({ call: 'scan', argument: range }) as Promise<Piece>
  }

  describe(stream: string): Promise<StreamInfo> {
    return this.#ask({ call: 'describe', argument: stream }) as Promise<StreamInfo>
  }

  head(): Promise<Position> {
    return this.#ask({ call: 'head' }) as Promise<Position>
  }

  beyond(after: Position, signal: AbortSignal): Promise<void> {
    const waited = this.#bell.beyond(after, signal)
    if (this.#ended === undefined) void this.#listen()
    else this.#bell.ringAll()
    return waited
  }

  async close(): Promise<void> {
    const exited = new Promise((resolve) => this.#worker.once('exit', resolve))
    if (this.#ended === undefined) {
      await this.#ask({ call: 'close' })
      // Or the process ends before its thread has, with this promise still open.
      this.#worker.ref()
      await exited
    }
    this.#bell.ringAll()
  }

  /** One question at a time for all who wait here, as long as any does. */
  async #listen(): Promise<void> {
    if (this.#listening) return
    this.#listening = true
    while (this.#bell.waiting > 0 && this.#ended === undefined) {
      try {
        this.#heard = (await this.#ask({ call: 'beyond', argument: this.#heard })) as Position
        this.#bell.ring(this.#heard)
      } catch {
        // They look themselves, and get the fault.
        this.#bell.ringAll()
      }
    }
    this.#listening = false
  }

  #ask(call: Call): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    this.#asked += 1
    const id = this.#asked
    return new Promise((resolve, reject) => {
      // An idle journal does not keep the process alive, one that somebody waits for does.
      if (this.#pending.size === 0) this.#worker.ref()
      this.#pending.set(id, { resolve, reject })
      this.#worker.postMessage({ id, ...call })
    })
  }

  #answer(answer: Answered): void {
    const pending = this.#pending.get(answer.id)
    this.#pending.delete(answer.id)
    if (this.#pending.size === 0) this.#worker.unref()
    if ('fault' in answer) pending?.reject(received(answer.fault))
    else pending?.resolve(answer.value)
  }

  #end(fault: Fault): void {
    this.#ended ??= fault
    for (const { reject } of this.#pending.values()) reject(this.#ended)
    this.#pending.clear()
    this.#bell.ringAll()
  }
}

const received = ({ code, message, culprit, next, conflict }: SentFault): Fault =>
  conflict === undefined
    ? new Fault(code, message, { culprit, next })
    : new Conflict(conflict.stream, conflict.expected, conflict.actual)
