import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ENDS, FAILURES } from '../../domain/lease/ends.ts'
import { PAUSES } from '../../domain/lease/pauses.ts'

/** The part of the file between these lines follows from the code; the rest is written by hand. */
const BEGIN = '<!-- from domain/lease/ends.ts: run `node ops/docs/errors.ts` -->'
const END = '<!-- to here -->'

export const ERRORS_FILE = fileURLToPath(new URL('../../docs/errors.md', import.meta.url))

type Reasons = Readonly<Record<string, { readonly culprit: string; readonly next: string }>>

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** Padded as the formatter pads Markdown, so that the two never undo each other. */
const table = (reasons: Reasons): string => {
  const rows = [
    ['code', 'culprit', 'next step'],
    ...Object.entries(reasons).map(([code, { culprit, next }]) => [`\`${code}\``, culprit, cell(next)]),
  ]
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) => `| ${row.map((text, i) => text.padEnd(widths[i]!)).join(' | ')} |`
  const [head, ...body] = rows.map(line)
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n')
}

const pauses = (): Reasons =>
  Object.fromEntries(Object.entries(PAUSES).map(([code, { by, next }]) => [code, { culprit: by, next }]))

const leaseCodes = (): string => `${BEGIN}

### Ends of a lease that ran

${table(ENDS)}

### Reasons why a lease never came to be

${table(FAILURES)}

### Reasons why a machine is paused

${table(pauses())}

${END}`

/** `text` with the lease codes as `domain/lease/ends.ts` has them now. @throws Error when the two lines are not in it, in order */
export const withLeaseCodes = (text: string): string => {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`no place for the lease codes: ${BEGIN} … ${END}`)
  return text.slice(0, begin) + leaseCodes() + text.slice(end + END.length)
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(ERRORS_FILE, withLeaseCodes(readFileSync(ERRORS_FILE, 'utf8')))
