/** Some lines at the end of a terminal that are drawn anew in their place. */
export type Redrawn = {
  /** `lines` are safe for the terminal already; those that do not fit are cut, in width and in number. */
  draw(lines: readonly string[]): void
  /** Leaves the last picture where it is. */
  leave(): void
}

/** As a terminal has when it does not say. */
const COLUMNS = 80
const ROWS = 24

export const openRedrawn = (stream: NodeJS.WriteStream): Redrawn => {
  let drawn: readonly string[] = []
  const onResize = () => draw(drawn)
  let height = 0
  const draw = (lines: readonly string[]): void => {
    drawn = lines
    const columns = stream.columns || COLUMNS
    const most = (stream.rows || ROWS) - 1
    // What is above the window cannot be drawn over: the rest is told in a line.
    const shown =
      lines.length <= most
        ? lines
        : [...lines.slice(0, most - 2), `… ${lines.length - most + 1} more lines`, lines.at(-1)!]
    const up = height > 0 ? `\x1b[${Math.min(height, most)}A` : ''
    stream.write(`${up}\r\x1b[J${shown.map((line) => `${cut(line, columns - 1)}\n`).join('')}`)
    height = shown.length
  }
  stream.on('resize', onResize)
  return {
    draw,
    leave() {
      stream.off('resize', onResize)
    },
  }
}

/** The beginning of a line that is at most so many columns wide. */
export const cut = (line: string, columns: number): string => {
  let width = 0
  let end = 0
  for (const character of line) {
    width += widthOf(character)
    if (width > columns) return line.slice(0, end)
    end += character.length
  }
  return line
}

const NARROW = /^\p{Mark}$/u
/** East Asian wide and full-width forms, and most pictures: Unicode TR 11, as far as terminals agree. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]$/u

const widthOf = (character: string): number => (NARROW.test(character) ? 0 : WIDE.test(character) ? 2 : 1)
