import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { Outlet } from './outlet.ts'

/** A subscription on a WebSocket, as graphql-transport-ws frames it: `id` is the subscriber's, the rest is shared. */
export class SocketOutlet implements Outlet {
  readonly #wire: Wire
  readonly #id: string

  constructor(wire: Wire, id: string) {
    this.#wire = wire
    this.#id = id
  }

  backlog(): number {
    return this.#wire.socket.bufferedAmount
  }

  write(text: string): void {
    this.#wire.cork()
    this.#wire.socket.send(this.#framed(text), ignore)
  }

  writeThrough(text: string): Promise<void> {
    return new Promise((resolve) => this.#wire.socket.send(this.#framed(text), () => resolve()))
  }

  /** Put together for each, not kept: there are many subscriptions. */
  #framed(text: string): string {
    return `{"id":${JSON.stringify(this.#id)},"type":"next","payload":${text}}`
  }
}

/** That a socket closed is told by its `close`. */
const ignore = (): void => undefined

/** A WebSocket and its connection: what its subscriptions are told in one turn goes out in one write. */
export class Wire {
  readonly socket: WebSocket
  readonly #connection: Pick<Socket, 'cork' | 'uncork'>
  #isCorked = false

  constructor(socket: WebSocket, connection: Pick<Socket, 'cork' | 'uncork'>) {
    this.socket = socket
    this.#connection = connection
  }

  cork(): void {
    if (this.#isCorked) return
    this.#isCorked = true
    this.#connection.cork()
    process.nextTick(() => {
      this.#isCorked = false
      this.#connection.uncork()
    })
  }
}
