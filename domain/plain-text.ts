/**
 * Controls (C0, DEL, C1), line and paragraph separators, marks that turn the reading direction or do not show, and halves of
 * surrogate pairs: what could make a terminal do or show something other than the text.
 */
export const HOSTILE =
  /[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu

/** Text of a stranger (labels, images, reasons, codes) as one line for a terminal: what it could not see is shown escaped. */
export const plainText = (text: unknown): string => String(text ?? '').replace(HOSTILE, escapeOf)

/** JSON of a value from a node: the same characters, as JSON's own escapes. */
export const plainJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, (_, it) => (typeof it === 'bigint' ? it.toString() : it), indent).replace(HOSTILE, (found) =>
    // The only control that JSON.stringify writes itself.
    found === '\n'
      ? found
      : unitsOf(found)
          .map((unit) => `\\u${unit}`)
          .join(''),
  )

const escapeOf = (found: string): string => {
  const code = found.codePointAt(0)!
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}

/** The UTF-16 units of a text, as JSON escapes them. */
export const unitsOf = (text: string): string[] =>
  text.split('').map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'))
