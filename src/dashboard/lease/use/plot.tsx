import { useEffect, useRef } from 'preact/hooks'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import './plot.css'
import { scheme } from '../../scheme.ts'

export type Series = { readonly name: string; readonly values: readonly (number | null)[]; readonly isDashed?: boolean }
type Given = {
  readonly title: string
  /** Unix seconds, rising. */
  readonly at: readonly number[]
  readonly series: readonly Series[]
}

const HEIGHT_PX = 170
const COLOURS = ['--accent', '--warn']

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** A browser gives colours as they are written, `light-dark(…)` and all, which a canvas does not know: a probe says what they come to. */
const resolved = (name: string): string => {
  const probe = document.createElement('span')
  probe.style.color = colour(name)
  document.body.append(probe)
  const found = getComputedStyle(probe).color
  probe.remove()
  return found
}

/** A plot over time. What it shows stands in a table beside it too, so for readers of the page's tree it is only named. */
export const Plot = ({ title, at, series }: Given) => {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot | undefined>(undefined)
  const data = [[...at], ...series.map(({ values }) => [...values])] as UPlot.AlignedData
  useEffect(() => {
    const element = box.current!
    const [text, line] = [resolved('--faint'), resolved('--line')]
    const axis = { stroke: text, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } }
    plot.current = new UPlot(
      {
        width: element.clientWidth,
        height: HEIGHT_PX,
        axes: [axis, { ...axis, size: 64 }],
        scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] } },
        legend: { show: false },
        series: [
          {},
          ...series.map(({ name, isDashed }, i) => ({
            label: name,
            stroke: resolved(COLOURS[i] ?? '--text'),
            width: 2,
            ...(isDashed ? { dash: [6, 4] } : {}),
          })),
        ],
      },
      data,
      element,
    )
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT_PX }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.current?.destroy()
      plot.current = undefined
    }
  }, [scheme.value])
  useEffect(() => plot.current?.setData(data), [at, series])
  return (
    <figure class="plot" aria-label={`${title}, also in the table`}>
      <figcaption>
        {title}
        {series.length > 1 && series.map(({ name, isDashed }) => ` ${isDashed ? '┄' : '─'} ${name}`)}
      </figcaption>
      <div ref={box} aria-hidden="true" />
    </figure>
  )
}
