import type { ComponentChildren } from 'preact'
import { Wide } from './wide.tsx'

type Given<Row> = {
  readonly label: string
  /** Column titles. */
  readonly head: readonly string[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  /** The cells of a row. */
  readonly children: (row: Row) => readonly ComponentChildren[]
  /** What is said when there is no row: also what to do next. */
  readonly empty: ComponentChildren
}

/** A table of a page or less, which scrolls by itself where the screen is narrow. Longer ones: VirtualRows. */
export const Table = <Row,>({ label, head, rows, keyOf, children, empty }: Given<Row>) =>
  rows.length === 0 ? (
    <p class="empty">{empty}</p>
  ) : (
    <Wide label={label}>
      <table>
        <thead>
          <tr>
            {head.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {children(row).map((cell, column) => (
                <td key={head[column]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  )
