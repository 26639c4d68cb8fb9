/**
 * JSON with the keys of every object in the order of their UTF-16 units and without spaces (as RFC 8785 writes it), so that two
 * programs that mean the same value hash the same text. Absent values are left out of objects, and null elsewhere.
 * @throws TypeError for what JSON cannot say
 */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => `${JSON.stringify(name)}:${canonicalJson(inner)}`)
      .join(',')}}`
  const text = JSON.stringify(value)
  if (text === undefined) throw new TypeError(`no JSON: ${typeof value}`)
  return text
}
