import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../../domain/fault.ts'
import { parseReceiptFile, RECEIPT_FILE_MAX_BYTES } from '../../../domain/lease/parse-receipt.ts'
import { receiptChecks } from '../../../domain/lease/receipt-checks.ts'
import { plainJson } from '../../../domain/plain-text.ts'
import { curve } from '../../chain/coins.ts'
import { sampleReceipt } from './sample-receipt.ts'

const sample = sampleReceipt({ topUp: true })
const text = plainJson(sample, 2)

/** What reading and checking a text comes to. */
const outcome = (content: string): 'ok' | 'wrong' | 'absent' | `receipt.${string}` => {
  try {
    const answers = receiptChecks(parseReceiptFile(content), curve).map(({ answer }) => answer)
    return answers.includes('wrong') ? 'wrong' : answers.includes('absent') ? 'absent' : 'ok'
  } catch (error) {
    if (error instanceof Fault && error.code.startsWith('receipt.')) return error.code as `receipt.${string}`
    throw error
  }
}

/** Paths to everything that is not an object or a list. */
const leavesOf = (value: unknown, path: readonly string[] = []): (readonly string[])[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, item]) => leavesOf(item, [...path, key]))
    : [path]

const replaced = (value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown => {
  if (key === undefined) return by
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) }
  ;(copy as Record<string, unknown>)[key] = replaced((value as Record<string, unknown>)[key], rest, by)
  return copy
}

/** The same kind of value, another one. */
const other = (item: unknown): unknown => {
  if (typeof item === 'number') return item + 1
  if (typeof item !== 'string') return undefined
  if (/^\d{1,30}$/.test(item)) return `${BigInt(item) + 1n}`
  // The last digit of hex, the last letter of a word.
  return item.slice(0, -1) + (item.endsWith('a') ? 'b' : 'a')
}

describe('a receipt as a file', () => {
  it('is read as it was written', () => {
    expect(parseReceiptFile(text)).toEqual(sample)
    expect(outcome(text)).toBe('ok')
  })

  it('has nothing that can be changed unnoticed, but the places in the chain', () => {
    const value = JSON.parse(text)
    const unnoticed = leavesOf(value).filter((path) => {
      const item = path.reduce((inner, key) => (inner as Record<string, unknown>)[key], value as unknown)
      return outcome(JSON.stringify(replaced(value, path, other(item)))) === 'ok'
    })
    expect(unnoticed.map((path) => path.at(-1))).toEqual(unnoticed.map(() => 'height'))
    expect(unnoticed.length).toBe(4)
  })

  it('is answered whatever its hex says', () => {
    const value = JSON.parse(text)
    const itemAt = (path: readonly string[]) =>
      path.reduce((inner, key) => (inner as Record<string, unknown>)[key], value as unknown)
    const inHex = leavesOf(value).filter((path) => /^[0-9a-f]{20,}$/.test(String(itemAt(path))))
    const seen = new Set<string>()
    const changes = fc.record({
      path: fc.constantFrom(...inHex),
      at: fc.nat(),
      by: fc.constantFrom(...'0123456789abcdef'),
    })
    fc.assert(
      fc.property(changes, ({ path, at, by }) => {
        const item = String(itemAt(path))
        const place = at % item.length
        const changed = `${item.slice(0, place)}${by}${item.slice(place + 1)}`
        seen.add(outcome(JSON.stringify(replaced(value, path, changed))))
      }),
      { numRuns: 400 },
    )
    expect([...seen]).toContain('wrong')
  })

  it('is refused with a code, or answered, whatever its bytes are', () => {
    const bytes = Buffer.from(text)
    const seen = new Set<string>()
    const change = fc.record({
      at: fc.nat(bytes.length - 1),
      length: fc.integer({ min: 0, max: 40 }),
      by: fc.oneof(
        fc.uint8Array({ maxLength: 4 }),
        fc
          .constantFrom('0', '{', '}', '"', ',', 'null', '1e9', '[[[[', '-1', '"__proto__":1,')
          .map((it) => Buffer.from(it)),
      ),
    })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const content = changes.reduce<Buffer>(
          (all, { at, length, by }) => Buffer.concat([all.subarray(0, at), by, all.subarray(at + length)]),
          bytes,
        )
        seen.add(outcome(content.toString('utf8')))
      }),
      { numRuns: 2_000 },
    )
    expect([...seen]).toContain('receipt.malformed')
  })

  it('is refused whole when something is in it that is not known, or too much', () => {
    expect(outcome(JSON.stringify({ ...JSON.parse(text), more: 1 }))).toBe('receipt.malformed')
    expect(outcome('[]')).toBe('receipt.malformed')
    expect(outcome('['.repeat(100_000))).toBe('receipt.malformed')
    expect(outcome(`${text}${' '.repeat(RECEIPT_FILE_MAX_BYTES)}`)).toBe('receipt.too-large')
  })
})
