import { type Answer, Written } from './both-nodes.ts'

export type Difference = {
  /** `vin.0.txid`; empty for the whole answer. */
  readonly at: string
  readonly ours: unknown
  readonly theirs: unknown
}

/** Amounts have eight decimals, to the letter; other numbers may be written as one likes. */
const AMOUNT = /^-?\d+\.\d{8}$/

/** Core writes sixteen digits. */
const digits = ({ value }: Written): string => value.toPrecision(16)

const plain = (value: unknown): unknown => (value instanceof Written ? value.text : value)
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !(value instanceof Written)

/** Every place where two answers differ. The order of an object's fields does not matter; that of a list does. */
export const differences = (ours: unknown, theirs: unknown, at: readonly string[] = []): Difference[] => {
  const here = (): Difference[] => [{ at: at.join('.'), ours: plain(ours), theirs: plain(theirs) }]
  if (ours instanceof Written && theirs instanceof Written) {
    const same = AMOUNT.test(theirs.text) ? ours.text === theirs.text : digits(ours) === digits(theirs)
    return same ? [] : here()
  }
  if (!isObject(ours) || !isObject(theirs)) return Object.is(ours, theirs) ? [] : here()
  if (Array.isArray(ours) !== Array.isArray(theirs)) return here()
  const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)])
  return [...keys].flatMap((key) => differences(ours[key], theirs[key], [...at, key]))
}

export const differenceText = ({ at, ours, theirs }: Difference): string =>
  `${at}: ours ${JSON.stringify(ours)}, theirs ${JSON.stringify(theirs)}`

export const answerDifferences = (ours: Answer, theirs: Answer): Difference[] => differences(ours, theirs)
