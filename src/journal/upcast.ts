import { decode } from '../../domain/codec.ts'
import type { Fact } from '../../domain/fact.ts'
import { Fault } from '../../domain/fault.ts'

/** Turns a fact of one schema version into the next; the type stays. Pure, and never changed once it was released. */
export type Upcast = (fact: Fact & Readonly<Record<string, unknown>>) => Fact

/**
 * By type of fact: from version 1 to 2, from 2 to 3, … So a type's newest version is one more than it has upcasts. A stored fact
 * has its version as `v`, absent in version 1; readers and writers never see it.
 */
export type Upcasts = Readonly<Record<string, readonly Upcast[]>>

const upcastsOf = (upcasts: Upcasts, type: string): readonly Upcast[] =>
  Object.hasOwn(upcasts, type) ? upcasts[type]! : []

/** In which version facts of a type are written now. */
export const schemaVersion = (upcasts: Upcasts, type: string): number => upcastsOf(upcasts, type).length + 1

/**
 * The fact that a stored text holds, in its newest version.
 * @throws Fault `journal.corrupt` when it holds none, `journal.newer-fact` when a newer program wrote it
 */
export const readFact = (text: string, upcasts: Upcasts): Fact => upcast(storedFact(text), upcasts)

/** As it was written, in whatever version. @throws Fault `journal.corrupt` */
export const storedFact = (text: string): Fact => {
  const stored = decoded(text)
  if (typeof stored !== 'object' || stored === null || !('type' in stored) || typeof stored.type !== 'string') {
    throw new Fault('journal.corrupt', 'a stored text holds no fact')
  }
  return stored as Fact
}

/** @throws Fault `journal.corrupt`, `journal.newer-fact` */
export const upcast = (stored: Fact, upcasts: Upcasts): Fact => {
  if (!Object.hasOwn(upcasts, stored.type) && !('v' in stored)) return stored
  const { v: version = 1, ...fact } = stored as Fact & { readonly v?: unknown }
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) {
    throw new Fault('journal.corrupt', `${fact.type} has no schema version`)
  }
  const steps = upcastsOf(upcasts, fact.type)
  if (version > steps.length + 1) {
    throw new Fault('journal.newer-fact', `${fact.type} was written in version ${version}`, {
      culprit: 'you',
      next: 'Upgrade this program.',
    })
  }
  let newest: Fact = fact
  for (const step of steps.slice(version - 1)) {
    newest = step({ ...newest })
    if (newest.type !== fact.type) throw new Error(`an upcast of ${fact.type} changed its type`)
  }
  return newest
}

const decoded = (text: string): unknown => {
  try {
    return decode(text)
  } catch (cause) {
    throw new Fault('journal.corrupt', 'a stored text cannot be read', {
      next: 'Put a backup of the file in its place.',
      cause,
    })
  }
}
