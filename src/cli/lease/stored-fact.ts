import type { LeaseFact } from '../../../domain/lease/facts.ts'
import { PRICE_KEYS } from '../../../domain/price.ts'
import { USAGE_KEYS } from '../../../domain/usage.ts'

/** Fields of a lease's facts that are whole numbers of any size: over the API they are strings of digits. */
const WHOLE: ReadonlySet<string> = new Set([
  ...USAGE_KEYS,
  ...PRICE_KEYS,
  ...['pausedDiskGiBHour', 'owedMsat', 'paidSats', 'capacitySats', 'sats', 'ioBytesPerS', 'netBytesPerS'],
  ...['memoryBytes', 'rxBytes', 'txBytes'],
])
const DIGITS = /^(?:0|[1-9]\d*)$/

const restored = (value: unknown, key: string): unknown => {
  if (typeof value === 'string') return WHOLE.has(key) && DIGITS.test(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map((item) => restored(item, key))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, restored(item, name)]))
}

/** A fact as the node stored it, of the plain JSON that the API gives. */
export const storedFact = (fact: unknown): LeaseFact => restored(fact, '') as LeaseFact
