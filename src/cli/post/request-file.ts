import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { InvalidArgumentError } from '@commander-js/extra-typings'
import { Fault } from '../../../domain/fault.ts'
import { notFound } from '../exit-code.ts'
import { parseSize } from '../quantity.ts'

/** Larger than any request that means something. */
export const REQUEST_FILE_MAX_BYTES = 65_536

/** Fields that are whole numbers of any size; those of bytes are also taken with a unit, as in `256MiB`. */
const AMOUNTS = ['memoryBytes', 'diskBytes', 'maxHourlySats', 'budgetSats', 'mostSats'] as const
const BYTES: ReadonlySet<string> = new Set(['memoryBytes', 'diskBytes'])
/** Enums, in capitals over the API; the check has them small. */
const WORDS = ['isolation', 'network'] as const

export const badRequest = (why: string): Fault =>
  new Fault('cli.bad-request', `this is no request: ${why}`, {
    culprit: 'you',
    next: 'Correct the file; its fields are those of PostAnnouncementInput in schema.graphql.',
  })

/**
 * What is wanted, from a file of JSON or YAML, or from standard input (`-`).
 * @throws Fault `cli.bad-request`, `not-found`
 */
export const readRequestFile = async (path: string): Promise<Readonly<Record<string, unknown>>> => {
  const content = await contentOf(path)
  if (Buffer.byteLength(content) > REQUEST_FILE_MAX_BYTES)
    throw badRequest(`it has more than ${REQUEST_FILE_MAX_BYTES} bytes`)
  // YAML is a superset of JSON. Aliases are not followed: a few lines of them can stand for gigabytes.
  const { parseDocument } = await import('yaml')
  const document = parseDocument(content, { intAsBigInt: true, logLevel: 'silent' })
  const [error] = document.errors
  if (error !== undefined) throw badRequest(error.message.split('\n')[0] ?? 'neither JSON nor YAML')
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 0 })
  } catch {
    throw badRequest('it has aliases')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest('expected fields')
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, fieldOf(name, field)]))
}

const contentOf = async (path: string): Promise<string> => {
  if (path === '-') return text(process.stdin)
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw notFound(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`, 'Name the file of the request.')
  }
}

const fieldOf = (name: string, value: unknown): unknown => {
  if ((WORDS as readonly string[]).includes(name) && typeof value === 'string') return value.toLowerCase()
  if (!(AMOUNTS as readonly string[]).includes(name)) return typeof value === 'bigint' ? Number(value) : value
  if (typeof value !== 'string') return value
  if (!BYTES.has(name)) return /^\d{1,16}$/.test(value) ? BigInt(value) : value
  try {
    return parseSize(value)
  } catch (error) {
    throw badRequest(`${name}: ${error instanceof InvalidArgumentError ? error.message : 'not a size'}`)
  }
}
