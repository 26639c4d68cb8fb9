import { Document, Scalar, visit } from 'yaml'
import { HOSTILE, unitsOf } from '../../domain/plain-text.ts'

/**
 * YAML of a value from a node. What could make a terminal do or show something other than the text stands escaped in double quotes.
 * Whole numbers that may be large are strings, as over the API.
 */
export const plainYaml = (value: unknown): string => {
  const document = new Document(value)
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'bigint') node.value = node.value.toString()
      // A text of several lines would look like several things.
      if (typeof node.value === 'string' && node.value.search(HOSTILE) >= 0) node.type = Scalar.QUOTE_DOUBLE
    },
  })
  const text = document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER })
  // Of what is hostile, it writes only the line feeds between its own lines as they are meant to be.
  return text.replace(HOSTILE, (found) =>
    found === '\n'
      ? found
      : unitsOf(found)
          .map((unit) => `\\u${unit}`)
          .join(''),
  )
}
