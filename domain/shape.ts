/**
 * Reads a value of the form `T` out of what was parsed from JSON, whole or not at all: unknown keys, other types and values out of bounds
 * are refused. Without a library, so that browsers and the domain can take files of strangers in by the same code.
 *
 * @param at where the value stands, for the error
 * @throws ShapeError
 */
export type Shape<T> = (value: unknown, at: string) => T

/** What stands where it should not, and what was expected there. */
export class ShapeError extends Error {
  constructor(at: string, expected: string) {
    super(`${at === '' ? 'the whole' : at}: expected ${expected}`)
    this.name = 'ShapeError'
  }
}

const refuse = (at: string, expected: string): never => {
  throw new ShapeError(at, expected)
}

export const text =
  (most: number, form?: RegExp, name = 'a text'): Shape<string> =>
  (value, at) =>
    typeof value === 'string' && value.length <= most && (form?.test(value) ?? true)
      ? value
      : refuse(at, `${name} of at most ${most} characters`)

/** Lower-case hex of so many bytes. */
export const hexOf =
  (least: number, most = least): Shape<string> =>
  (value, at) =>
    typeof value === 'string' &&
    value.length >= 2 * least &&
    value.length <= 2 * most &&
    value.length % 2 === 0 &&
    /^[0-9a-f]*$/.test(value)
      ? value
      : refuse(at, `${least === most ? least : `${least} to ${most}`} bytes in hex`)

/** A number without a fraction. */
export const whole =
  (least: number, most: number = Number.MAX_SAFE_INTEGER): Shape<number> =>
  (value, at) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? (value as number)
      : refuse(at, `a whole number from ${least} to ${most}`)

export const number =
  (least: number, most: number): Shape<number> =>
  (value, at) =>
    typeof value === 'number' && value >= least && value <= most
      ? value
      : refuse(at, `a number from ${least} to ${most}`)

const DIGITS = /^(?:0|[1-9]\d{0,29})$/

/** A whole number of any size: in files and over the API it is a string of digits. */
export const amount =
  (most: bigint): Shape<bigint> =>
  (value, at) => {
    const found = typeof value === 'string' && DIGITS.test(value) ? BigInt(value) : value
    return typeof found === 'bigint' && found >= 0n && found <= most ? found : refuse(at, `digits of 0 to ${most}`)
  }

export const flag: Shape<boolean> = (value, at) => (typeof value === 'boolean' ? value : refuse(at, 'true or false'))

/** One of these values. */
export const oneOf =
  <T extends string | number>(...values: readonly T[]): Shape<T> =>
  (value, at) =>
    values.find((one) => one === value) ?? refuse(at, `one of ${values.join(', ')}`)

export const list =
  <T>(item: Shape<T>, least: number, most: number): Shape<readonly T[]> =>
  (value, at) =>
    Array.isArray(value) && value.length >= least && value.length <= most
      ? value.map((one, i) => item(one, `${at}[${i}]`))
      : refuse(at, `a list of ${least} to ${most}`)

export const orNull =
  <T>(shape: Shape<T>): Shape<T | null> =>
  (value, at) =>
    value === null ? null : shape(value, at)

/** A key that may be absent. */
export const optional = <T>(shape: Shape<T>): Shape<T> =>
  Object.assign((value: unknown, at: string) => shape(value, at), { isOptional: true })

type Fields<T> = { readonly [K in keyof T]-?: Shape<Exclude<T[K], undefined>> }

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object with these keys and no others. */
export const record = <T extends object>(fields: Fields<T>): Shape<T> => {
  const shapes = Object.entries(fields) as [string, Shape<unknown> & { isOptional?: boolean }][]
  return (value, at) => {
    if (!isObject(value)) return refuse(at, 'an object')
    const out: Record<string, unknown> = {}
    for (const [key, shape] of shapes) {
      const path = at === '' ? key : `${at}.${key}`
      if (Object.hasOwn(value, key)) out[key] = shape(value[key], path)
      else if (!shape.isOptional) refuse(path, 'something, it is missing')
    }
    const foreign = Object.keys(value).find((key) => !Object.hasOwn(fields, key))
    return foreign === undefined ? (out as T) : refuse(at, `no key ${JSON.stringify(foreign.slice(0, 40))}`)
  }
}

/** An object whose keys are names, each with a value of the same form. */
export const named =
  <T>(item: Shape<T>, mostKeys: number, mostLength: number): Shape<Readonly<Record<string, T>>> =>
  (value, at) => {
    if (!isObject(value) || Object.keys(value).length > mostKeys)
      return refuse(at, `an object of at most ${mostKeys} keys`)
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) =>
        key.length <= mostLength && key !== '__proto__'
          ? [key, item(one, `${at}.${key}`)]
          : refuse(at, `keys of at most ${mostLength} characters`),
      ),
    )
  }
