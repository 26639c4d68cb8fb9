/** Narrower than this, nothing is gained by choosing where a line breaks. */
const LEAST_ROOM = 20

/**
 * `text` as lines of at most `columns` characters, broken between words; what goes on is indented by `margin` spaces. A word that has
 * no room on a line of its own stays whole: the terminal breaks it, and copied it is still one word.
 */
export const wrapped = (text: string, columns: number, margin: number): string[] => {
  if (text.length <= columns || columns - margin < LEAST_ROOM) return [text]
  const lead = /^ */.exec(text)![0]
  const lines: string[] = []
  let line = ''
  for (const [, gap = '', word = ''] of text.slice(lead.length).matchAll(/( *)([^ ]+)/g)) {
    const longer = line === '' ? `${lead}${word}` : `${line}${gap}${word}`
    if (line === '' || longer.length <= columns) line = longer
    else {
      lines.push(line)
      line = `${' '.repeat(margin)}${word}`
    }
  }
  return [...lines, line]
}
