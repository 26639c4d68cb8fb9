import { Option } from '@commander-js/extra-typings'
import { plainJson, plainText } from '../../domain/plain-text.ts'

/** How a listing is printed: a table for people, one JSON array, or one JSON object a line. */
export const OUTPUTS = ['table', 'json', 'jsonl'] as const
export type Output = (typeof OUTPUTS)[number]

export const outputOption = () =>
  new Option('-o, --output <form>', 'how to print it').choices(OUTPUTS).default('table' as const)

/** Column title and what stands in it; an empty cell is shown as `-`. */
export type Column<T> = readonly [title: string, cell: (row: T) => unknown]

/** Data, and nothing else, goes to stdout. */
export const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** For people, on stderr; `line` is safe for a terminal already. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`)

export const printRows = <T>(rows: readonly T[], columns: readonly Column<T>[], output: Output): void => {
  if (output === 'json') print(plainJson(rows, 2))
  else if (output === 'jsonl') for (const row of rows) print(plainJson(row))
  else for (const line of tableOf(rows, columns)) print(line)
}

/** One thing: its fields one below the other, or JSON. */
export const printOne = <T>(row: T, fields: readonly Column<T>[], output: Output): void => {
  if (output !== 'table') {
    print(plainJson(row, output === 'json' ? 2 : undefined))
    return
  }
  const shown = fields.map(([title, cell]) => [title, plainText(cell(row))] as const).filter(([, text]) => text !== '')
  const width = Math.max(...shown.map(([title]) => title.length))
  for (const [title, text] of shown) print(`${title.padEnd(width)}  ${text}`)
}

const tableOf = <T>(rows: readonly T[], columns: readonly Column<T>[]): string[] => {
  const cells = rows.map((row) => columns.map(([, cell]) => plainText(cell(row)) || '-'))
  const lines = [columns.map(([title]) => title), ...cells]
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)))
  return lines.map((line) =>
    line
      .map((text, at) => text.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  )
}
