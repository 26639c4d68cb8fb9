/** What a `:part` may be: ids and addresses, which stand in commands to be copied. Nothing in them means anything to a shell. */
const PART = /^[0-9A-Za-z]{1,130}$/

/** What a path says of the `:part`s of a pattern, as `/lease/:leaseId`; undefined: it does not fit. */
export const partsOf = (pattern: string, path: string): Readonly<Record<string, string>> | undefined => {
  const [wanted, parts] = [pattern.split('/'), path.split('/')]
  if (wanted.length !== parts.length) return undefined
  if (!wanted.every((part, i) => part === parts[i] || (part.startsWith(':') && PART.test(parts[i]!)))) return undefined
  return Object.fromEntries(wanted.flatMap((part, i) => (part.startsWith(':') ? [[part.slice(1), parts[i]!]] : [])))
}
