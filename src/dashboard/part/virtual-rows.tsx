import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** Rows beyond the visible ones, so that scrolling does not show holes. */
const OVERSCAN = 6

type Given<Row> = {
  readonly rows: readonly Row[]
  readonly rowPx: number
  /** Column titles. */
  readonly head: readonly string[]
  readonly label: string
  readonly keyOf: (row: Row) => string
  /** The cells of a row. */
  readonly children: (row: Row) => readonly ComponentChildren[]
  /** The end of what is loaded is near. */
  readonly onEnd?: () => void
}

/**
 * A table of any length: only the rows that can be seen are in the page, since laying out is what costs. For readers of the page's tree it
 * says how many there are and which one each is.
 */
export const VirtualRows = <Row,>({ rows, rowPx, head, label, keyOf, children, onEnd }: Given<Row>) => {
  const box = useRef<HTMLElement>(null)
  const from = useSignal(0)
  const count = useSignal(40)
  const look = (): void => {
    const element = box.current
    if (element === null) return
    const first = Math.max(0, Math.floor(element.scrollTop / rowPx) - OVERSCAN)
    const most = Math.ceil(element.clientHeight / rowPx) + 2 * OVERSCAN
    if (first !== from.peek()) from.value = first
    if (most !== count.peek()) count.value = most
    if (first + most >= rows.length) onEnd?.()
  }
  useEffect(() => {
    look()
    const observer = new ResizeObserver(look)
    observer.observe(box.current!)
    return () => observer.disconnect()
  }, [rows.length])
  const first = Math.min(from.value, Math.max(0, rows.length - count.value))
  const seen = rows.slice(first, first + count.value)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="rows" ref={box} onScroll={look} tabIndex={0} aria-label={label}>
      <table aria-rowcount={rows.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {head.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Space rows={first} rowPx={rowPx} columns={head.length} />
          {seen.map((row, i) => (
            <tr key={keyOf(row)} aria-rowindex={first + i + 2} ref={(element) => setHeight(element, rowPx)}>
              {children(row).map((cell, column) => (
                <td key={head[column]}>{cell}</td>
              ))}
            </tr>
          ))}
          <Space rows={rows.length - first - seen.length} rowPx={rowPx} columns={head.length} />
        </tbody>
      </table>
    </section>
  )
}

/** As high as the rows that are not in the page. */
const Space = ({
  rows,
  rowPx,
  columns,
}: {
  readonly rows: number
  readonly rowPx: number
  readonly columns: number
}) =>
  rows <= 0 ? null : (
    <tr>
      <td colSpan={columns} ref={(element) => setHeight(element, rows * rowPx)} class="space" />
    </tr>
  )

const setHeight = (element: HTMLElement | null, px: number): void => {
  if (element !== null) element.style.height = `${px}px`
}
