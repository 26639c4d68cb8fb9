import { once } from 'node:events'
import { WebSocket } from 'ws'
import { TERMINAL_PROTOCOL } from '../../../src/api/terminal/protocol.ts'

export type Told = Readonly<Record<string, unknown>> & { readonly type: string }

/** A client of `/terminal`, before it said who it is. */
export const dial = async (url: string, protocol: string = TERMINAL_PROTOCOL, headers = {}) => {
  const at = `${url.replace('http', 'ws')}/terminal`
  const socket = protocol === '' ? new WebSocket(at, { headers }) : new WebSocket(at, protocol, { headers })
  const told: Told[] = []
  let output = ''
  let bytes = 0
  socket.on('message', (data, isBinary) => {
    if (!isBinary) return void told.push(JSON.parse(`${data}`))
    bytes += (data as Buffer).length
    output = `${output}${data}`.slice(-100_000)
  })
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  socket.on('error', () => undefined)
  await once(socket, 'open')
  return {
    socket,
    told,
    closed,
    output: () => output,
    bytes: () => bytes,
    say: (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    type: (text: string | Uint8Array) => socket.send(Buffer.from(text as string), { binary: true }),
  }
}

export type TerminalClient = Awaited<ReturnType<typeof dial>>
