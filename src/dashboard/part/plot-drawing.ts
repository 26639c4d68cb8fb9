import UPlot, { type AlignedData, type Options, type Series } from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { PlotGiven } from './plot.tsx'

const HEIGHT_PX = 220
/** Lines are told apart by how they are drawn, too: in the order that they are given. */
const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [12, 4, 2, 4]]
const FONT = '12px system-ui, sans-serif'

export type Drawing = { show(given: PlotGiven): void; end(): void }

/** A colour of the page's, as the browser has resolved it for the scheme that is on. */
const colourOf = (box: HTMLElement, name: string): string => {
  const probe = document.createElement('span')
  probe.style.color = `var(--${name})`
  box.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

/** Beside a single place, in what is across: seconds, or what is counted. */
const ROOM = 1_800

/** uPlot would stretch a single moment over years. */
const roomy = (values: readonly number[], min: number, max: number): [number, number] => {
  const [first = min] = values
  return values.length > 1 ? [min, max] : [first - ROOM, first + ROOM]
}

/** Of the widest text beside an axis, px, with its tick. */
const widthOf = (texts: readonly string[] | null): number =>
  18 + 7 * Math.max(4, ...(texts ?? []).map((text) => text.length))

const optionsOf = (box: HTMLElement, { across, lines, show, isStepped }: PlotGiven): Options => {
  const stroke = colourOf(box, 'faint')
  const grid = { stroke: colourOf(box, 'line'), width: 1 }
  const axis = { stroke, grid, ticks: grid, font: FONT }
  const steps = UPlot.paths.stepped?.({ align: 1 })
  return {
    width: Math.max(200, box.clientWidth),
    height: HEIGHT_PX,
    scales: { x: { time: across.isTime ?? false, range: (_, min, max) => roomy(across.values, min, max) } },
    legend: { show: false },
    cursor: { show: false },
    axes: [
      { ...axis, ...(across.isTime ? {} : { values: (_, splits) => splits.map(across.show) }) },
      {
        ...axis,
        size: (_, texts) => widthOf(texts),
        values: (_, splits) => splits.map((value) => (value === null ? '' : show(value))),
      },
    ],
    series: [
      {},
      ...lines.map(
        ({ tone }, i): Series => ({
          stroke: colourOf(box, tone),
          width: 2,
          dash: [...DASHES[i % DASHES.length]!],
          points: { show: across.values.length < 3 },
          ...(isStepped && steps ? { paths: steps } : {}),
        }),
      ),
    ],
  }
}

const dataOf = ({ across, lines }: PlotGiven): AlignedData => [
  [...across.values],
  ...lines.map(({ values }) => [...values]),
]

/** Draws into `box`, again when it changes its width. Colours are those of now: `show` is called anew when the scheme changes. */
export const draw = (box: HTMLElement, first: PlotGiven): Drawing => {
  let plot = new UPlot(optionsOf(box, first), dataOf(first), box)
  const observer = new ResizeObserver(() => {
    if (box.clientWidth > 0) plot.setSize({ width: box.clientWidth, height: HEIGHT_PX })
  })
  observer.observe(box)
  return {
    show: (given) => {
      plot.destroy()
      plot = new UPlot(optionsOf(box, given), dataOf(given), box)
    },
    end: () => {
      observer.disconnect()
      plot.destroy()
    },
  }
}
