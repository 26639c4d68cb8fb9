import type { DestinationStream } from 'pino'

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}
/** What every line has, or what is told in words. */
const TOLD = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'part', 'node', 'err'])
const ERROR_LEVEL = 50

/** One record of pino's as a line that a person reads: time, level, part, message, fields; an error's stack only where it matters. */
export const lineFor = (json: string): string => {
  const record = JSON.parse(json) as Record<string, unknown> & { level: number; time: number; msg?: string }
  const { level, time, msg = '' } = record
  const part = [record['node'], record['part']].filter((name) => name !== undefined).join(' ')
  const fields = Object.entries(record)
    .filter(([name]) => !TOLD.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const err = record['err'] as { message?: string; code?: string; stack?: string } | undefined
  const why = err ? [`(${err.code ? `${err.code}: ` : ''}${err.message ?? ''})`] : []
  const stack = err?.stack && level >= ERROR_LEVEL ? `\n${err.stack}` : ''
  const words = [
    new Date(time).toISOString().slice(11, 19),
    (LEVELS[level] ?? `${level}`).padEnd(5),
    part,
    msg,
    ...why,
    ...fields,
  ]
  return escaped(words.filter((word) => word !== '').join(' ') + stack)
}

/** Strangers' text is in messages and fields: what could drive a terminal is shown as its code. Lines of a stack stay lines. */
const escaped = (text: string): string =>
  text.replace(/[^\P{C}\n]/gu, (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`)

/** Where a program's log goes: JSON for machines that collect it, lines for a person at a terminal. */
export const logDestination = (out: NodeJS.WriteStream): DestinationStream => ({
  write: (json) => {
    out.write(out.isTTY ? `${lineFor(json)}\n` : json)
  },
})
