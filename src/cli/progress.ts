import { plainText } from '../../domain/plain-text.ts'
import { cut } from './watch/redrawn.ts'

/** Columns that stay free: a terminal writes `^C` there, and must not begin a new line for it. */
const MARGIN = 3

/** One line on stderr that says what is being waited for: rewritten in place on a terminal, else a line for each change. */
export type Progress = {
  show(text: string): void
  /** Takes the line away, so that something else can be printed. */
  clear(): void
}

/** `text` is made safe for the terminal here. */
export const openProgress = (stream: NodeJS.WriteStream = process.stderr): Progress => {
  let shown = ''
  const isLive = stream.isTTY === true && process.env['TERM'] !== 'dumb'
  return {
    show(text) {
      const line = plainText(text)
      if (line === shown) return
      shown = line
      if (isLive) stream.write(`\r\x1b[2K${cut(line, (stream.columns || 80) - MARGIN)}`)
      else stream.write(`${line}\n`)
    },
    clear() {
      if (isLive && shown !== '') stream.write('\r\x1b[2K')
      shown = ''
    },
  }
}
