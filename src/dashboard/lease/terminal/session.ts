import { Fault } from '../../api/fault.ts'
import { token } from '../../api/token.ts'

const PROTOCOL = 'zennet-terminal'
/** Longer than the node takes to reach the shell, ms. */
const OPEN_MS = 60_000

type Size = { readonly columns: number; readonly rows: number }
/** How a shell came to its end: with a code, by a signal, or the connection to it was lost. */
export type Ended = { readonly code?: number; readonly signal?: string } | 'lost'

export type Told = {
  opened(): void
  output(bytes: Uint8Array): void
  ended(how: Ended): void
  /** It was not opened, and why. */
  failed(fault: Fault): void
}

export type Session = {
  input(bytes: Uint8Array): void
  resize(size: Size): void
  /** Nothing is told any more. */
  close(): void
}

/** A shell in the machine of a lease, over the node’s `/terminal`. The token goes in the first message, never in an address. */
export const openSession = (leaseId: string, size: Size, told: Told): Session => {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  const socket = new WebSocket(`${scheme}://${location.host}/terminal`, PROTOCOL)
  socket.binaryType = 'arraybuffer'
  let isOver = false
  let isOpen = false
  const over = (tell: () => void): void => {
    if (isOver) return
    isOver = true
    clearTimeout(late)
    tell()
    socket.close()
  }
  const late = setTimeout(() => over(() => told.failed(noAnswer)), OPEN_MS)
  const send = (message: object): void => socket.send(JSON.stringify(message))
  socket.addEventListener('open', () =>
    send({ type: 'open', token: token.value ?? '', leaseId, ...size, term: 'xterm-256color' }),
  )
  socket.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer | string>) => {
    if (isOver) return
    if (typeof data !== 'string') {
      told.output(new Uint8Array(data))
      return
    }
    const said = parsed(data)
    if (said['type'] === 'opened') {
      isOpen = true
      clearTimeout(late)
      told.opened()
    } else if (said['type'] === 'exit') {
      const { code, signal } = said
      over(() =>
        told.ended({
          ...(typeof code === 'number' ? { code } : {}),
          ...(typeof signal === 'string' ? { signal } : {}),
        }),
      )
    } else if (said['type'] === 'problem') {
      const { code, message, culprit, next } = said
      const words = [code, message, culprit, next].map(String) as [string, string, string, string]
      over(() => told.failed(new Fault({ code: words[0], message: words[1], culprit: words[2], next: words[3] })))
    }
  })
  socket.addEventListener('close', ({ reason }) =>
    over(() => (isOpen ? told.ended('lost') : told.failed(reason === '' ? noAnswer : refused(reason)))),
  )
  return {
    input: (bytes) => {
      if (isOpen && !isOver) socket.send(bytes as Uint8Array<ArrayBuffer>)
    },
    resize: (to) => {
      if (isOpen && !isOver) send({ type: 'resize', ...to })
    },
    close: () => over(() => undefined),
  }
}

const parsed = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

const noAnswer = new Fault({
  code: 'dashboard.no-terminal',
  message: 'The node does not open the terminal.',
  culprit: 'host',
  next: 'Try again; when it does not answer at all, start the node again.',
})
const refused = (reason: string): Fault =>
  new Fault({
    code: 'dashboard.terminal-refused',
    message: `The node refuses the terminal: ${reason}.`,
    culprit: 'you',
    next: 'Sign in as who rents the machine, or close other terminals.',
  })
