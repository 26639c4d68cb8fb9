import { GraphQLError, Kind, type ValueNode, valueFromASTUntyped } from 'graphql'

const refuse = (expected: string): never => {
  throw new GraphQLError(`expected ${expected}`, { extensions: { code: 'api.bad-input' } })
}

type Scalar<T> = {
  readonly description: string
  readonly serialize: (value: T) => unknown
  readonly parseValue: (value: unknown) => T
  readonly parseLiteral: (node: ValueNode) => T
}

const scalar = <T>(
  description: string,
  serialize: (value: T) => unknown,
  parseValue: (value: unknown) => T,
): Scalar<T> => ({
  description,
  serialize,
  parseValue,
  parseLiteral: (node) =>
    // Kept as text: an integer literal above 2^53 would lose digits on the way through a number.
    parseValue(node.kind === Kind.INT ? node.value : valueFromASTUntyped(node)),
})

const whole = (value: unknown): string | undefined => {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? `${value}` : value
  return typeof text === 'string' && /^\d{1,19}$/.test(text) ? text : undefined
}

const hex = (value: unknown): string =>
  typeof value === 'string' && value.length <= 2_000 && /^([0-9a-f]{2})*$/.test(value)
    ? value
    : refuse('lower-case hex')

const key = (value: unknown): string =>
  typeof value === 'string' && /^0[23][0-9a-f]{64}$/.test(value) ? value : refuse('33 bytes, compressed, as hex')

/** Facts, terms and receipts for people and scripts: big integers become strings of digits. */
export const plainJson = (value: unknown): unknown => {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(plainJson)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plainJson(inner)]))
  return value
}

/** Every scalar of the schema: how it goes out, and what is taken in. Values of another form are refused with what was expected. */
export const scalars = {
  Amount: scalar<bigint>(
    'A whole number as a string of decimal digits; the field says of what: sats, msat (1/1000 sat), bytes, microseconds. An integer is taken too.',
    (value) => value.toString(),
    (value) => {
      const digits = whole(value)
      return digits === undefined ? refuse('a whole number, as a string of digits') : BigInt(digits)
    },
  ),
  Position: scalar<number>(
    'A place in the event log of this node, as a string of decimal digits; 0 is before everything.',
    (value) => value.toString(),
    (value) => {
      const position = Number(whole(value) ?? Number.NaN)
      return Number.isSafeInteger(position) ? position : refuse('a position of the log, as a string of digits')
    },
  ),
  DateTime: scalar<number>(
    'A moment, ISO 8601 in UTC with milliseconds.',
    (value) => new Date(value).toISOString(),
    (value) => {
      const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
      return Number.isNaN(at) ? refuse('a moment in ISO 8601') : at
    },
  ),
  Hex: scalar<string>('Bytes as lower-case hex.', (value) => value, hex),
  PublicKey: scalar<string>('A secp256k1 public key: 33 bytes, compressed, as lower-case hex.', (value) => value, key),
  JSON: scalar<unknown>(
    'Plain JSON; whole numbers that may be large are strings of digits.',
    plainJson,
    (value) => value,
  ),
} as const
