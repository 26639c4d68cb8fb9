import type { Page } from 'playwright-core'

/** What a program wrote to its terminal, and when, ms from its begin. */
export type Written = { readonly atMs: number; readonly text: string }

/** How the terminal stood at a moment: the text of each row. */
type Frame = { readonly atMs: number; readonly rows: readonly string[] }

const COLUMNS = 100
const ROWS = 34
/** What came within this time is one frame, ms. */
const FRAME_MS = 250
/** The last frame stands for so long before it begins again, ms. */
const REST_MS = 4_000
const [LINE_PX, LETTER_PX, PAD_PX] = [17, 7.8, 14]

export const TERMINAL = { cols: COLUMNS, rows: ROWS }

/** Nobody waits longer for the next frame, ms. */
const PAUSE_MOST_MS = 1_200

/** The same without long waits. */
const hurried = (frames: readonly Frame[]): Frame[] => {
  let cutMs = 0
  return frames.map((frame, i) => {
    cutMs += Math.max(0, frame.atMs - (frames[i - 1]?.atMs ?? 0) - PAUSE_MOST_MS)
    return { ...frame, atMs: frame.atMs - cutMs }
  })
}

/** Replays what was written in a real terminal (xterm.js), since only one that understands its controls knows how it looked. */
const framesOf = async (page: Page, xterm: string, written: readonly Written[]): Promise<Frame[]> => {
  await page.addScriptTag({ content: xterm })
  return page.evaluate(
    async ([chunks, size, frameMs]) => {
      type Line = { translateToString(trim: boolean): string }
      type Terminal = {
        write(text: string, done: () => void): void
        buffer: { active: { viewportY: number; getLine(row: number): Line | undefined } }
      }
      const { Terminal } = globalThis as unknown as { Terminal: new (options: object) => Terminal }
      const terminal = new Terminal({ ...size, scrollback: 0, allowProposedApi: true })
      const found: { atMs: number; rows: string[] }[] = []
      for (const [i, { atMs, text }] of chunks.entries()) {
        await new Promise<void>((resolve) => terminal.write(text, resolve))
        const next = chunks[i + 1]
        if (next !== undefined && Math.floor(next.atMs / frameMs) === Math.floor(atMs / frameMs)) continue
        const { active } = terminal.buffer
        const rows = Array.from(
          { length: size.rows },
          (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? '',
        )
        found.push({ atMs, rows })
      }
      return found
    },
    [written, TERMINAL, FRAME_MS] as const,
  )
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll(' ', '\u00a0')

/** An animated picture (SVG with CSS) of what was written, in its own time but for long waits: it needs no player and no script. */
export const pictureOf = async (
  page: Page,
  xterm: string,
  written: readonly Written[],
  title: string,
): Promise<string> => {
  const frames = hurried(await framesOf(page, xterm, written))
  const wholeMs = (frames.at(-1)?.atMs ?? 0) + REST_MS
  const [width, height] = [COLUMNS * LETTER_PX + 2 * PAD_PX, ROWS * LINE_PX + 2 * PAD_PX]
  const share = (ms: number) => `${((ms / wholeMs) * 100).toFixed(3)}%`
  const styles = frames.map(({ atMs }, i) => {
    const end = frames[i + 1]?.atMs ?? wholeMs
    const begin = i === 0 ? 0 : atMs
    return `@keyframes f${i}{0%,${share(begin)}{visibility:${i === 0 ? 'visible' : 'hidden'}}${share(begin)},${share(end)}{visibility:visible}${share(end)},100%{visibility:hidden}}#f${i}{animation:f${i} ${wholeMs}ms step-end infinite}`
  })
  const groups = frames.map(({ rows }, i) => {
    const lines = rows.map((row, at) =>
      row === '' ? '' : `<text x="${PAD_PX}" y="${PAD_PX + LINE_PX * (at + 0.8)}">${escaped(row)}</text>`,
    )
    return `<g id="f${i}">${lines.join('')}</g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}"><title>${escaped(title)}</title>
<style>text{font:13px ui-monospace,"DejaVu Sans Mono",monospace;fill:#e7ece5}g{visibility:hidden}${styles.join('')}</style>
<rect width="100%" height="100%" rx="8" fill="#10140f"/>
${groups.join('\n')}
</svg>
`
}
