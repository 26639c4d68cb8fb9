import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, encode, encodeBytes, MAX_DEPTH } from '../../domain/codec.ts'

const leaf = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (Object.is(x, -0) ? 0 : x)),
  fc.bigInt({ min: -(10n ** 40n) + 1n, max: 10n ** 40n - 1n }),
  fc.boolean(),
  fc.constant(null),
)
const key = fc.string({ maxLength: 8 }).filter((name) => name !== '__proto__' && name !== '$n')
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

const reverseKeys = (any: unknown): unknown => {
  if (Array.isArray(any)) return any.map(reverseKeys)
  if (typeof any !== 'object' || any === null) return any
  return Object.fromEntries(
    Object.entries(any)
      .reverse()
      .map(([name, inner]) => [name, reverseKeys(inner)]),
  )
}

describe('codec', () => {
  it('gives back what it was given', () => {
    fc.assert(fc.property(value, (any) => void expect(decode(encode(any))).toEqual(any)))
  })

  it('writes equal values as equal bytes, whatever the order of their keys', () => {
    fc.assert(fc.property(value, (any) => void expect(encode(reverseKeys(any))).toBe(encode(any))))
  })

  it('is stable: what was decoded encodes as it came', () => {
    fc.assert(fc.property(value, (any) => void expect(encode(decode(encode(any)))).toBe(encode(any))))
  })

  it('sorts keys at every depth, without white space', () => {
    expect(encode({ b: [{ d: 1, c: 2 }], a: 'x' })).toBe('{"a":"x","b":[{"c":2,"d":1}]}')
  })

  it('tags a bigint, so that it is no number', () => {
    expect(encode({ a: 5n })).toBe('{"a":{"$n":"5"}}')
    expect(encode(5)).not.toBe(encode(5n))
    expect(decode('{"$n":"-12"}')).toBe(-12n)
  })

  it('leaves undefined out', () => {
    expect(encode({ a: undefined, b: 1 })).toBe('{"b":1}')
  })

  it('gives the same as UTF-8', () => {
    expect(new TextDecoder().decode(encodeBytes({ a: 'ü€' }))).toBe('{"a":"ü€"}')
  })

  it.each([
    '{"$n":5}',
    '{"$n":""}',
    '{"$n":"1.5"}',
    '{"$n":"0x10"}',
    '{"$n":" 1"}',
    '{"$n":"1e3"}',
    '{"$n":null}',
    '{"$n":{"$n":"1"}}',
    `{"$n":"${'9'.repeat(41)}"}`,
    '[{"a":{"$n":"one"}}]',
  ])('refuses the tag %s', (text) => {
    expect(() => decode(text)).toThrow(SyntaxError)
  })

  it.each(['{"__proto__":1}', '{"__proto__":{"admin":true}}', '{"a":[{"__proto__":null}]}', '{"\\u005f_proto__":{}}'])(
    'refuses the key in %s',
    (text) => {
      expect(() => decode(text)).toThrow(SyntaxError)
    },
  )

  it('keeps a key called constructor or prototype as any other', () => {
    const text = '{"constructor":{"prototype":{"x":1}}}'
    expect(encode(decode(text))).toBe(text)
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  it.each(['', '{', 'undefined', '{a:1}', '[1,]', '\u0000', 'NaN'])('refuses %j, which is no JSON', (text) => {
    expect(() => decode(text)).toThrow(SyntaxError)
  })

  it.each([1_000_000, 100_000, 20_000])('refuses a text nested %i deep like any other bad one', (depth) => {
    expect(() => decode('['.repeat(depth) + ']'.repeat(depth))).toThrow(SyntaxError)
    expect(() => decode(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)).toThrow(SyntaxError)
  })

  it.each([
    ['an own key __proto__', JSON.parse('{"a":[{"__proto__":{"admin":true}}]}')],
    ['a key that looks like a tag', { a: { $n: '1' } }],
    ['an integer too long', [10n ** 40n]],
    ['another one', { a: -(10n ** 40n) }],
    ['no number', { a: Number.NaN }],
    ['no end', [Number.POSITIVE_INFINITY]],
    ['many brackets', JSON.parse('['.repeat(5_000) + ']'.repeat(5_000))],
  ])('writes nothing that could not be read: %s', (_, any) => {
    expect(() => encode(any)).toThrow(SyntaxError)
  })

  it('writes nothing that is in a circle', () => {
    const circle: Record<string, unknown> = {}
    circle['a'] = [{ circle }]
    expect(() => encode(circle)).toThrow(SyntaxError)
  })

  it('writes and reads the same depth, no deeper', () => {
    const nested = (depth: number, inner: unknown): unknown => (depth === 0 ? inner : { a: nested(depth - 1, inner) })
    for (const inner of [1, 1n, {}, []]) {
      const depth = typeof inner === 'number' ? MAX_DEPTH + 1 : MAX_DEPTH
      expect(decode(encode(nested(depth, inner)))).toEqual(nested(depth, inner))
      expect(() => encode(nested(depth + 1, inner))).toThrow(SyntaxError)
    }
  })

  it('reads whatever it writes, and sorts any keys', () => {
    const any = fc.anything({ withBigInt: true, withNullPrototype: true, maxKeys: 40, withSparseArray: true })
    fc.assert(
      fc.property(any, (some) => {
        let text: string
        try {
          text = encode([some])
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError)
          return
        }
        expect(encode(decode(text))).toBe(text)
      }),
    )
  })

  it('reads what is nested as deep as anything of ours', () => {
    const text = `${'['.repeat(100)}1${']'.repeat(100)}`
    expect(encode(decode(text))).toBe(text)
  })

  it('throws a SyntaxError or answers, for any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((text) => text.slice(1)),
        ),
        (text) => {
          try {
            decode(text)
          } catch (error) {
            expect(error).toBeInstanceOf(SyntaxError)
          }
        },
      ),
    )
  })
})
