import type { WebsocketHandler } from '@fastify/websocket'
import type { FastifyRequest } from 'fastify'
import type { RawData, WebSocket } from 'ws'
import type { Fault } from '../../../domain/fault.ts'
import type { ShellTerminal } from '../../shell/port.ts'
import { MAX_TERMINALS, SOCKET_INIT_MS } from '../limits.ts'
import { type Mask, requestScope } from '../mask.ts'
import { isProblem, problemOf } from '../problem.ts'
import type { Charges } from '../rate.ts'
import { Counts, FORBIDDEN, type SocketDoors, TRY_AGAIN_LATER } from '../socket-doors.ts'
import { keptAlive } from '../socket-server.ts'
import { attach } from './attach.ts'
import { CLOSED, Open, Resize, type Said, TERMINAL_PROTOCOL } from './protocol.ts'

export type TerminalParts = { readonly doors: SocketDoors; readonly charges: Charges; readonly mask: Mask }

/**
 * `/terminal`: one shell in a leased machine for each socket. The token comes in the first message, never in the URL, where logs would
 * keep it. A message is read when the one before it was taken, so a shell that does not read holds up its own client alone.
 */
export const terminalHandler = (parts: TerminalParts): WebsocketHandler => {
  const held = new Counts()
  return (socket, request) => {
    if (socket.protocol !== TERMINAL_PROTOCOL) return socket.close(CLOSED.noProtocol, 'Subprotocol not acceptable')
    if (!parts.doors.arrive(socket, request)) return
    new TerminalSocket(parts, held, socket, request).serve()
  }
}

class TerminalSocket {
  readonly #parts: TerminalParts
  readonly #held: Counts
  readonly #socket: WebSocket
  readonly #request: FastifyRequest
  #state: 'new' | 'opening' | ShellTerminal | 'closed' = 'new'

  constructor(parts: TerminalParts, held: Counts, socket: WebSocket, request: FastifyRequest) {
    this.#parts = parts
    this.#held = held
    this.#socket = socket
    this.#request = request
  }

  serve(): void {
    const socket = this.#socket
    const late = setTimeout(() => {
      if (this.#state === 'new') socket.close(CLOSED.initTimeout, 'Connection initialisation timeout')
    }, SOCKET_INIT_MS)
    const unping = keptAlive(socket)
    let waiting = 0
    let taken = Promise.resolve()
    socket.on('message', (data, isBinary) => {
      waiting++
      socket.pause()
      taken = taken
        .then(() => this.#take(data, isBinary))
        .catch((error: unknown) => this.#failed(error))
        .finally(() => {
          if (--waiting === 0) socket.resume()
        })
    })
    socket.once('error', () => socket.close(CLOSED.internal, 'Internal server error'))
    socket.once('close', () => {
      clearTimeout(late)
      unping()
      const before = this.#state
      this.#state = 'closed'
      if (typeof before === 'object') before.close()
    })
  }

  async #take(data: RawData, isBinary: boolean): Promise<void> {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    if (typeof this.#state === 'object') return this.#input(this.#state, data, isBinary)
    if (isBinary) return this.#socket.close(CLOSED.unauthorized, 'Unauthorized')
    await this.#open(parsed(data))
  }

  async #open(message: unknown): Promise<void> {
    const socket = this.#socket
    const asked = Open.safeParse(message)
    if (!asked.success) return socket.close(CLOSED.badMessage, 'expected {"type":"open",…}')
    const { leaseId, authorization, token, columns, rows, term } = asked.data
    const api = this.#parts.doors.enter(socket, this.#request, authorization ?? `Bearer ${token}`)
    if (api === undefined) return socket.close(FORBIDDEN, 'Forbidden')
    const { principal, market } = api
    const waitS = this.#parts.charges.document(principal, this.#request.ip, undefined)
    if (waitS > 0) return socket.close(TRY_AGAIN_LATER, `too much was asked for: wait ${waitS} s`)
    const who = principal.kind === 'session' ? principal.key : principal.kind
    if (this.#held.of(who) >= MAX_TERMINALS)
      return socket.close(TRY_AGAIN_LATER, `expected at most ${MAX_TERMINALS} terminals`)
    this.#held.hold(who, socket)
    this.#state = 'opening'
    const opened =
      (await market.terminals?.open(leaseId, { columns, rows, term })) ??
      problemOf('terminal.none', 'this node opens no terminals', 'Ask the publisher’s node.')
    if (isProblem(opened)) {
      const { problem: _, ...said } = opened
      return this.#end({ type: 'problem', ...said }, CLOSED.problem)
    }
    // It left while the shell was opened.
    if (socket.readyState !== socket.OPEN) return opened.close()
    this.#state = opened
    this.#say({ type: 'opened' })
    attach(socket, opened.stream)
    opened.ended.then(
      (end) => this.#end({ type: 'exit', ...end }, CLOSED.done),
      ({ code, message, culprit, next }: Fault) =>
        this.#end({ type: 'problem', code, message, culprit, next }, CLOSED.problem),
    )
  }

  #input(terminal: ShellTerminal, data: RawData, isBinary: boolean): Promise<void> | void {
    if (isBinary) return written(terminal, data as Buffer)
    const resize = Resize.safeParse(parsed(data))
    if (resize.success) terminal.resize(resize.data)
    else this.#socket.close(CLOSED.badMessage, 'expected {"type":"resize","columns":…,"rows":…}')
  }

  #say(said: Said): void {
    this.#socket.send(JSON.stringify(said), ignore)
  }

  #end(said: Said, code: number): void {
    this.#say(said)
    this.#socket.close(code)
  }

  #failed(error: unknown): void {
    requestScope.run(this.#request.id, () => this.#parts.mask(error))
    this.#socket.close(CLOSED.internal, 'Internal server error')
  }
}

/** That a socket closed is told by its `close`. */
const ignore = (): void => undefined

const parsed = (data: RawData): unknown => {
  try {
    return JSON.parse(String(data))
  } catch {
    return undefined
  }
}

/** Until the shell's connection has room for more, or is gone. */
const written = ({ stream }: ShellTerminal, bytes: Buffer): Promise<void> =>
  new Promise((resolve) => {
    if (!stream.writable || stream.write(bytes)) return resolve()
    const done = () => {
      stream.off('drain', done)
      stream.off('close', done)
      resolve()
    }
    stream.once('drain', done)
    stream.once('close', done)
  })
