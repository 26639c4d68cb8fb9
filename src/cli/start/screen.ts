import { wrapped } from './wrapped.ts'

/** Where what is said about a stage begins. */
export const MARGIN = ' '.repeat(15)

/** A terminal, as far as the start needs one: whole lines, and one line at the bottom that changes in place. */
export interface Screen {
  /** Broken between words where the terminal is too narrow for it. */
  line(text?: string): void
  /** Not broken: a command that somebody copies. */
  exact(text: string): void
  /** Replaced by the next `live` or `line`. Where there is no terminal, nothing is shown: a log of counters helps nobody. */
  live(text: string): void
}

const CLEAR_LINE = '\r\u001b[2K'

export const openScreen = (out: NodeJS.WriteStream): Screen => {
  let live = false
  const clear = () => {
    if (live) out.write(CLEAR_LINE)
    live = false
  }
  const exact = (text: string) => {
    clear()
    out.write(`${text}\n`)
  }
  return {
    exact,
    line(text = '') {
      const lines = out.isTTY && out.columns ? wrapped(text, out.columns, MARGIN.length) : [text]
      for (const line of lines) exact(line)
    },
    live(text) {
      if (!out.isTTY) return
      clear()
      out.write(text.slice(0, (out.columns ?? 80) - 1))
      live = true
    },
  }
}

/** 1234567n → `1,234,567`. */
export const grouped = (amount: bigint | number): string => amount.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',')

/** msat as sats with the part that is not whole yet. */
export const satsOf = (msat: bigint): string => `${grouped(msat / 1000n)}.${(msat % 1000n).toString().padStart(3, '0')}`
