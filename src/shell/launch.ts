import type { ExecSpec } from '../machine/port.ts'
import type { ShellToolbox } from './port.ts'

/** Variables that a client may set, as OpenSSH's servers commonly allow, and nothing that a loader or a shell obeys. */
const VARIABLE = /^(?:LANG|TERM|LC_[A-Z_]{1,32})$/
const VALUE = /^[\x20-\x7e]{0,256}$/

export const allowedVariable = (name: unknown, value: unknown): boolean =>
  typeof name === 'string' && typeof value === 'string' && VARIABLE.test(name) && VALUE.test(value)

const TERMINAL_SIDE_MAX = 4096
const side = (value: unknown, otherwise: number): number =>
  Number.isInteger(value) && (value as number) > 0 ? Math.min(value as number, TERMINAL_SIDE_MAX) : otherwise

export type TerminalRequest = { readonly cols?: unknown; readonly rows?: unknown; readonly term?: unknown }

/** A client's terminal within bounds: 80 × 24 where it says 0, `xterm` for a name that is none. */
export const terminalOf = ({ cols, rows, term }: TerminalRequest): NonNullable<ExecSpec['tty']> => ({
  columns: side(cols, 80),
  rows: side(rows, 24),
  term: typeof term === 'string' && /^[A-Za-z0-9._+-]{1,64}$/.test(term) ? term : 'xterm',
})

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

const WORD = /'[^']*'|[A-Za-z0-9_@%+=:,./-]+/g
const CAT = new RegExp(`^cat(?: --)?(?: +(?:${WORD.source}))+$`)

/** The words of `cat FILE…`, plain or in single quotes; nothing is expanded. Undefined for every other command. */
export const filesOf = (text: string): readonly string[] | undefined => {
  if (!CAT.test(text)) return undefined
  const words = [...text.slice('cat'.length).matchAll(WORD)].map(([word]) => word.replaceAll("'", ''))
  return words[0] === '--' ? words.slice(1) : words
}

/**
 * Programs and arguments for what a client asks. A first shell puts the toolbox last on the machine's own PATH, which only the machine
 * knows, goes home, and becomes `/bin/sh`, or the toolbox's shell where the image has none. No text of the client is in its script.
 */
export const launcher = (toolbox: ShellToolbox) => {
  const shell = toolbox.shell ?? ['/bin/sh']
  const script = [
    `PATH="\${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"`,
    ...(toolbox.path === '' ? [] : [`PATH="$PATH":${quoted(toolbox.path)}`]),
    'export PATH',
    'cd 2>/dev/null || :',
    '[ "$1" = program ] && shift && exec "$@"',
    '[ -x /bin/sh ] && exec /bin/sh "$@"',
    `exec ${shell.map(quoted).join(' ')} "$@"`,
  ].join('\n')
  const argv = (...words: readonly string[]): string[] => [...shell, '-c', script, 'sh', ...words]
  return {
    login: () => argv('-l'),
    command: (text: string) => argv('-c', text),
    sftp: () => argv('program', ...toolbox.sftpServer),
    /** The same, which changes nothing. Source: sftp-server(8), "-R". */
    readingSftp: () => argv('program', ...toolbox.sftpServer, '-R'),
    /** Undefined for all but `cat` of some files. */
    reading: (text: string) => {
      const files = filesOf(text)
      return files && argv('program', ...toolbox.cat, '--', ...files)
    },
  }
}
