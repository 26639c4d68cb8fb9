import { decode, encode } from '../../domain/codec.ts'
import type { Fact } from '../../domain/fact.ts'
import { Fault } from '../../domain/fault.ts'
import {
  FORGOTTEN,
  HIDDEN,
  type PersonalField,
  personalFields,
  standIn,
  withPersonal,
} from '../../domain/forgetting/personal.ts'
import type { Place, Seals } from '../forgetting/port.ts'
import type { Personal } from './port.ts'
import { schemaVersion, storedFact, type Upcasts, upcast } from './upcast.ts'
import { UPCASTS } from './upcasts.ts'

/**
 * How facts become stored texts, and texts facts again. Without `seals` personal fields are written as they are, and those that are
 * sealed read as hidden. `raw`: a text is the fact, in its old schema version and sealed, so that a copy needs no key.
 */
export type FactForm = { readonly upcasts: Upcasts; readonly seals?: Seals; readonly raw?: true }

export const FACT_FORM: FactForm = { upcasts: UPCASTS }
export const RAW_FORM: FactForm = { upcasts: {}, raw: true }

/** Where a fact stands: what its sealed fields are bound to. */
export type FactPlace = { readonly stream: string; readonly version: number }

/** Key of the object that stands where a sealed field was. Never reused for something else. */
const SEALED = '$sealed'

/**
 * @param known the fact's own encoding, when somebody has it already
 * @throws SyntaxError when the text could not be read back; Fault of the seals
 */
export const textOf = (fact: Fact, place: FactPlace, form: FactForm, known: string | undefined): string => {
  if (form.raw) return encode(fact)
  const version = schemaVersion(form.upcasts, fact.type)
  const plain = version === 1 ? known : undefined
  const { seals } = form
  const fields = seals && personalFields(fact.type)
  if (!seals || !fields) return plain ?? encode(version === 1 ? fact : { ...fact, v: version })
  const sealed = withPersonal(fact, fields, (value, { path }) => ({
    [SEALED]: seals.seal(placeOf(fact, place, path), encode(value)),
  }))
  return encode(version === 1 ? sealed : { ...sealed, v: version })
}

/** @throws Fault `journal.corrupt`, `journal.newer-fact`, which name the place */
export const factOf = (
  text: string,
  place: FactPlace,
  form: FactForm,
): { readonly fact: Fact; readonly personal?: Personal } => {
  try {
    const stored = storedFact(text)
    if (form.raw) return { fact: stored }
    const fields = personalFields(stored.type)
    if (!fields) return { fact: upcast(stored, form.upcasts) }
    const { fact, personal } = opened(stored, fields, place, form.seals)
    return { fact: upcast(fact, form.upcasts), personal }
  } catch (error) {
    throw atPlace(error, place)
  }
}

const opened = (
  stored: Fact,
  fields: readonly PersonalField[],
  place: FactPlace,
  seals: Seals | undefined,
): { readonly fact: Fact; readonly personal: Personal } => {
  let personal: Personal = 'open'
  const fact = withPersonal(stored, fields, (value, field) => {
    const sealed = sealedIn(value)
    const found = sealed === undefined ? 'plain' : (seals?.open(placeOf(stored, place, field.path), sealed) ?? 'hidden')
    if (typeof found === 'object') return decode(found.text)
    if (RANK.indexOf(found) > RANK.indexOf(personal)) personal = found
    return found === 'plain' ? value : standIn(field, found === 'forgotten' ? FORGOTTEN : HIDDEN)
  })
  return { fact, personal }
}

/** What is worst of several fields is said of the fact. */
const RANK: readonly Personal[] = ['open', 'plain', 'hidden', 'forgotten']

const placeOf = ({ type }: Fact, { stream, version }: FactPlace, path: readonly string[]): Place => ({
  stream,
  version,
  type,
  path: path.join('.'),
})

const sealedIn = (value: unknown): string | undefined => {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, SEALED)) return undefined
  const sealed = (value as Readonly<Record<string, unknown>>)[SEALED]
  return typeof sealed === 'string' && Object.keys(value).length === 1 ? sealed : undefined
}

const atPlace = (error: unknown, { stream, version }: FactPlace): unknown => {
  const where = `stream ${stream}, version ${version}`
  if (error instanceof Fault) {
    const { code, message, culprit, next, cause } = error
    return new Fault(code, `${where}: ${message}`, { culprit, next, cause: cause ?? error })
  }
  if (error instanceof SyntaxError)
    return new Fault('journal.corrupt', `${where} cannot be read`, {
      next: 'Put a backup of the file in its place.',
      cause: error,
    })
  return error
}
