import { join } from 'node:path'
import { type IPty, spawn } from '@lydell/node-pty'

const ROOT = join(import.meta.dirname, '../..')

/** A program at the end of a real pseudo-terminal. */
export type Terminal = {
  /** Everything that it wrote so far, as the terminal got it. */
  written(): string
  /** What a person sees now: the rows of the window, without trailing spaces. */
  screen(): readonly string[]
  type(keys: string): void
  /** Waits until what is written, from `from` on, fits; fails when the program ends before. */
  until(fits: RegExp, from?: number): Promise<RegExpExecArray>
  /** The exit code; 128 and the signal's number when one ended it. */
  readonly ended: Promise<number>
  kill(): void
}

export type TerminalOptions = {
  readonly home: string
  readonly columns?: number
  readonly rows?: number
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a program in a window of its own. */
export const openTerminal = (file: string, args: readonly string[], options: TerminalOptions): Terminal => {
  const { home, columns = 80, rows = 24, env } = options
  const pty: IPty = spawn(file, [...args], {
    cols: columns,
    rows,
    cwd: ROOT,
    env: {
      PATH: `${join(ROOT, 'ops/bin')}:${process.env['PATH']}`,
      HOME: home,
      TERM: 'xterm',
      XDG_CONFIG_HOME: join(home, 'config'),
      XDG_STATE_HOME: join(home, 'state'),
      ...env,
    },
  })
  let written = ''
  let over = false
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const one of waiting) one()
  }
  pty.onData((part) => {
    written += part
    wake()
  })
  const ended = new Promise<number>((done) => {
    pty.onExit(({ exitCode, signal }) => {
      over = true
      done(signal ? 128 + signal : exitCode)
      wake()
    })
  })
  return {
    written: () => written,
    screen: () => screenOf(written, columns),
    type: (keys) => pty.write(keys),
    ended,
    async until(fits, from = 0) {
      for (;;) {
        const found = fits.exec(written.slice(from))
        if (found) return found
        if (over) throw new Error(`the program ended before it wrote ${fits}:\n${written}`)
        await new Promise<void>((resolve) => waiting.add(resolve))
      }
    },
    kill: () => {
      if (!over) pty.kill('SIGKILL')
    },
  }
}

/** The command line, in a window of its own. */
export const zennetTerminal = (args: readonly string[], options: TerminalOptions): Terminal =>
  openTerminal(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/cli/main.ts'), ...args],
    options,
  )

const ESCAPE = '\\u001b\\['
const TOKEN = new RegExp(`${ESCAPE}[0-9;?]*[A-Za-z]|[^]`, 'gu')
const UP = new RegExp(`^${ESCAPE}\\d+A$`)

/**
 * What a window shows after it got this: as much of a terminal as the program may use (text, line ends, backspace, cursor up,
 * erase line, erase below). Lines wrap at the window's width, as they would.
 * @throws Error for anything else, which the program must not write
 */
export const screenOf = (written: string, columns: number): string[] => {
  const rows: string[][] = [[]]
  let [x, y] = [0, 0]
  for (const [token] of written.matchAll(TOKEN)) {
    if (token === '\n') rows[++y] ??= []
    else if (token === '\r') x = 0
    else if (token === '\b') x = Math.max(0, x - 1)
    else if (token === '\u001b[2K') rows[y] = []
    else if (token === '\u001b[J') {
      rows[y] = rows[y]!.slice(0, x)
      rows.length = y + 1
    } else if (UP.test(token)) y = Math.max(0, y - Number(token.slice(2, -1)))
    else if (token < ' ') throw new Error(`a control that is not known: ${JSON.stringify(token)}`)
    else {
      if (x >= columns) {
        rows[++y] ??= []
        x = 0
      }
      const row = rows[y]!
      while (row.length < x) row.push(' ')
      row[x++] = token
    }
  }
  return rows.map((row) => row.join('').trimEnd())
}
