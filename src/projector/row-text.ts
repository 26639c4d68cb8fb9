import { encode } from '../../domain/codec.ts'

/** Of parts of rows and facts, which never change: a lease's terms are in each of its rows, and encoded once. */
const known = new WeakMap<object, string>()

const partText = (part: unknown): string => {
  if (typeof part !== 'object' || part === null) return encode(part)
  const text = known.get(part)
  if (text !== undefined) return text
  const made = encode(part)
  known.set(part, made)
  return made
}

/** The same text as `encode(row)`, with the parts that earlier rows shared taken from those. */
export const rowText = (row: unknown): string => {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return encode(row)
  let text = ''
  for (const key of Object.keys(row).sort()) {
    const part = (row as Record<string, unknown>)[key]
    if (part !== undefined) text += `${text === '' ? '{' : ','}${JSON.stringify(key)}:${partText(part)}`
  }
  return text === '' ? '{}' : `${text}}`
}
