import { useEffect, useRef } from 'preact/hooks'
import { scheme } from '../scheme.ts'
import type { Drawing } from './plot-drawing.ts'
import { Wide } from './wide.tsx'
import './plot.css'

export type Line = {
  readonly label: string
  /** One for each place across; null: there is none. */
  readonly values: readonly (number | null)[]
  readonly tone: 'accent' | 'good' | 'bad' | 'warn'
}

export type PlotGiven = {
  /** What is drawn. */
  readonly label: string
  /** Where values stand, ascending: Unix seconds, or anything else that can be measured. */
  readonly across: {
    readonly label: string
    readonly values: readonly number[]
    readonly isTime?: boolean
    show(value: number): string
  }
  readonly lines: readonly Line[]
  /** A value with its unit. */
  show(value: number): string
  /** Each value holds until the next. */
  readonly isStepped?: boolean
}

/** Lines over time or price. Who cannot see them has the same as a table. The program that draws comes when there is something to draw. */
export const Plot = (given: PlotGiven) => {
  const { label, lines, across } = given
  const box = useRef<HTMLDivElement>(null)
  const drawing = useRef<Drawing | undefined>(undefined)
  const newest = useRef(given)
  newest.current = given
  useEffect(() => {
    let isGone = false
    const again = (): void => drawing.current?.show(newest.current)
    const dark = matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', again)
    import('./plot-drawing.ts').then(
      ({ draw }) => {
        if (!isGone && box.current !== null) drawing.current = draw(box.current, newest.current)
      },
      // The table below says the same.
      () => undefined,
    )
    return () => {
      isGone = true
      dark.removeEventListener('change', again)
      drawing.current?.end()
    }
  }, [])
  useEffect(() => drawing.current?.show(given), [JSON.stringify([lines, across.values]), scheme.value])
  return (
    <figure class="plot">
      <figcaption>
        <h3>{label}</h3>
        <ul>
          {lines.map((line, i) => (
            <li key={line.label}>
              <svg viewBox="0 0 34 6" aria-hidden="true">
                <line x1="0" y1="3" x2="34" y2="3" class={`${line.tone} dash-${i}`} />
              </svg>
              {line.label}
            </li>
          ))}
        </ul>
      </figcaption>
      <div class="plot-box" ref={box} aria-hidden="true" />
      <PlotTable {...given} />
    </figure>
  )
}

const PlotTable = ({ label, lines, across, show }: PlotGiven) => (
  <details>
    <summary>{label} as a table</summary>
    <Wide label={`${label} as a table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">{across.label}</th>
            {lines.map((line) => (
              <th key={line.label} scope="col">
                {line.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {across.values.map((at, i) => (
            <tr key={at}>
              <td class="figure">{across.show(at)}</td>
              {lines.map((line) => {
                const value = line.values[i] ?? null
                return (
                  <td key={line.label} class="figure">
                    {value === null ? '–' : show(value)}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  </details>
)
