import { Option } from '@commander-js/extra-typings'
import { plainJson, plainText } from '../../domain/plain-text.ts'

/** How data are printed: a table for people, one JSON value, one JSON object a line, or YAML. */
export const OUTPUTS = ['table', 'json', 'jsonl', 'yaml'] as const
export type Output = (typeof OUTPUTS)[number]

export const outputOption = () =>
  new Option('-o, --output <form>', 'how to print it').choices(OUTPUTS).default('table' as const)

/** Column title and what stands in it; an empty cell is shown as `-`. */
export type Column<T> = readonly [title: string, cell: (row: T) => unknown]

/** Data, and nothing else, goes to stdout. */
export const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** For people, on stderr; `line` is safe for a terminal already. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`)

let yamlOf: ((value: unknown) => string) | undefined

/** Loads what an output needs and others do not: before the command runs, so that printing needs no waiting. */
export const prepareOutput = async (output: unknown): Promise<void> => {
  if (output === 'yaml') yamlOf = (await import('./yaml.ts')).plainYaml
}

/** A value as data: YAML, or JSON on several lines or on one. */
export const printData = (value: unknown, output: Exclude<Output, 'table'>): void => {
  if (output === 'yaml') process.stdout.write(yamlOf!(value))
  else print(plainJson(value, output === 'json' ? 2 : undefined))
}

/** One of several values that come one after the other, as they come: JSON on a line of its own, or a YAML document. */
export const printItem = (value: unknown, output: Exclude<Output, 'table'>): void => {
  if (output === 'yaml') print('---')
  printData(value, output === 'yaml' ? output : 'jsonl')
}

export const printRows = <T>(rows: readonly T[], columns: readonly Column<T>[], output: Output): void => {
  if (output === 'jsonl') for (const row of rows) printData(row, output)
  else if (output !== 'table') printData(rows, output)
  else for (const line of tableOf(rows, columns)) print(line)
}

/** One thing: its fields one below the other, or data. */
export const printOne = <T>(row: T, fields: readonly Column<T>[], output: Output): void => {
  if (output !== 'table') {
    printData(row, output)
    return
  }
  for (const line of fieldsOf(row, fields)) print(line)
}

/** A value that stands for itself: alone in its line, or as data under its name. */
export const printValue = (name: string, value: unknown, output: Output): void => {
  if (output === 'table') print(plainText(value))
  else printData({ [name]: value }, output)
}

/** The fields of one thing, one below the other; empty ones are left out. */
export const fieldsOf = <T>(row: T, fields: readonly Column<T>[]): string[] => {
  const shown = fields.map(([title, cell]) => [title, plainText(cell(row))] as const).filter(([, text]) => text !== '')
  const width = Math.max(...shown.map(([title]) => title.length))
  return shown.map(([title, text]) => `${title.padEnd(width)}  ${text}`)
}

/** The lines of a table, its titles first;  */
export const tableOf = <T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  least: readonly number[] = [],
): string[] => {
  const cells = rows.map((row) => columns.map(([, cell]) => plainText(cell(row)) || '-'))
  const lines = [columns.map(([title]) => title), ...cells]
  const widths = columns.map((_, at) => Math.max(least[at] ?? 0, ...lines.map((line) => line[at]!.length)))
  return lines.map((line) =>
    line
      .map((text, at) => text.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  )
}
