import { writeSync } from 'node:fs'
import { constants } from 'node:os'
import { Readable, Writable } from 'node:stream'
import type { ReadStream } from 'node:tty'
import { type IPty, spawn } from '@lydell/node-pty'

/** How long a full terminal is left alone before writing is tried again. */
export const TERMINAL_RETRY_MS = 5
/** How long output is still read after the program ended: something else may hold the terminal open for ever. */
export const TERMINAL_DRAIN_MS = 5_000

export type TerminalSpec = {
  readonly argv: readonly [string, ...string[]]
  readonly cwd: string
  readonly env: Record<string, string>
  readonly columns: number
  readonly rows: number
  readonly term: string
}

export type Terminal = {
  readonly pid: number
  readonly stdin: Writable
  readonly stdout: Readable
  resize(columns: number, rows: number): void
  readonly ended: Promise<{ readonly code: number | undefined; readonly signal?: string }>
}

const signalName = (number: number): string =>
  Object.entries(constants.signals)
    .find(([, value]) => value === number)?.[0]
    .replace(/^SIG/, '') ?? String(number)

/**
 * node-pty's own `write` blocks the whole event loop while the program does not read (measured: 3 s for a program that slept 3 s), since
 * libuv uses blocking writes on a terminal's master. The descriptor itself does not block, so it is written to directly; the socket, which
 * node-pty does not publish, tells whether that descriptor is still ours.
 */
const terminalInput = (fd: number, socket: ReadStream): Writable =>
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      let rest = chunk
      const push = () => {
        try {
          while (rest.length > 0 && !socket.destroyed) rest = rest.subarray(writeSync(fd, rest))
          done()
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'EAGAIN') setTimeout(push, TERMINAL_RETRY_MS)
          else done() // EIO: the program is gone, and so is whoever would read this.
        }
      }
      push()
    },
  })

/** Runs a program on a new terminal (it leads its session). Both streams respect back-pressure; stdout carries stderr too. */
export const openTerminal = (spec: TerminalSpec): Terminal => {
  const [file, ...args] = spec.argv
  const pty: IPty = spawn(file, args, {
    cwd: spec.cwd,
    env: spec.env,
    cols: spec.columns,
    rows: spec.rows,
    name: spec.term,
    encoding: null,
  })
  const { _socket: socket, _fd: fd } = pty as unknown as { _socket: ReadStream; _fd: number }
  const stdout = new Readable({ read: () => void socket.resume() })
  socket.on('data', (chunk: Buffer) => {
    if (!stdout.push(chunk)) socket.pause()
  })
  socket.once('close', () => stdout.push(null))
  stdout.once('close', () => socket.resume())
  // node-pty destroys the socket 200 ms after the end, read or not: what a slow reader has not taken would be lost.
  const destroy = socket.destroy.bind(socket)
  let drain: NodeJS.Timeout | undefined
  socket.destroy = (error?: Error) => {
    if (error !== undefined || stdout.destroyed) return destroy(error)
    drain ??= setTimeout(() => destroy(), TERMINAL_DRAIN_MS)
    return socket
  }
  socket.once('close', () => clearTimeout(drain))
  const ended = new Promise<{ code: number | undefined; signal?: string }>((resolve) => {
    pty.onExit(({ exitCode, signal }) =>
      resolve(signal ? { code: undefined, signal: signalName(signal) } : { code: exitCode }),
    )
  })
  return {
    pid: pty.pid,
    stdin: terminalInput(fd, socket),
    stdout,
    resize: (columns, rows) => {
      if (!socket.destroyed) pty.resize(columns, rows)
    },
    ended,
  }
}
