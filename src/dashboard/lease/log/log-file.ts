import { parseLeaseFact } from '../../../../domain/lease/parse-fact.ts'
import { plainJson } from '../../../../domain/plain-text.ts'
import { ShapeError } from '../../../../domain/shape.ts'
import { Fault } from '../../api/fault.ts'
import type { Entry } from '../entry.ts'
import { illegality } from './replay.ts'

/** A day of a lease that ticks each second is larger; the page would not show it well either. */
export const LOG_FILE_MAX_BYTES = 32 * 1_048_576
const LOG_FILE_MAX_LINES = 100_000
/** What else stands on a line that `zennet lease watch -o jsonl` printed. */
const BESIDE = ['position', 'type', 'at', 'lease', '__typename']

/** One fact a line: `{"version":1,"fact":{…}}`, large numbers as strings of digits. */
export const logFile = (entries: readonly Entry[]): string =>
  entries.map(({ version, fact }) => `${plainJson({ version, fact })}\n`).join('')

const refused = (why: string): Fault =>
  new Fault({
    code: 'dashboard.bad-log-file',
    message: `This is no log of a lease: ${why}.`,
    culprit: 'you',
    next: 'Choose a file that the page of a lease exported, or that zennet lease watch LEASE -o jsonl printed; nothing of it was taken in.',
  })

/**
 * A log from elsewhere, whole or not at all: each line is checked to be a fact, the versions to have no gap, and the chart to allow each
 * fact in its place.
 *
 * @throws Fault `dashboard.bad-log-file`
 */
export const parseLogFile = (text: string): readonly Entry[] => {
  if (text.length > LOG_FILE_MAX_BYTES) throw refused(`it is larger than ${LOG_FILE_MAX_BYTES} bytes`)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) throw refused('it is empty')
  if (lines.length > LOG_FILE_MAX_LINES) throw refused(`it has more than ${LOG_FILE_MAX_LINES} lines`)
  const entries = lines.map(entryOf)
  const illegal = illegality(entries)
  if (illegal !== undefined) throw refused(illegal)
  return entries
}

const entryOf = (line: string, index: number): Entry => {
  const at = `line ${index + 1}`
  const { version, fact } = objectOf(line, at)
  if (version !== index + 1) throw refused(`${at}: expected version ${index + 1}`)
  try {
    return { version, fact: parseLeaseFact(fact) }
  } catch (error) {
    if (error instanceof ShapeError) throw refused(`${at}: ${error.message}`)
    throw error
  }
}

const objectOf = (line: string, at: string): { readonly version: unknown; readonly fact: unknown } => {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw refused(`${at} is not JSON`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused(`${at} is no object`)
  const foreign = Object.keys(value).find((key) => !['version', 'fact', ...BESIDE].includes(key))
  if (foreign !== undefined) throw refused(`${at}: unknown key ${JSON.stringify(foreign.slice(0, 40))}`)
  return value as { readonly version: unknown; readonly fact: unknown }
}
