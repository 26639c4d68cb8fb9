import { describe, expect, it } from 'vitest'
import { decode, encode } from '../../domain/codec.ts'
import type { Fact } from '../../domain/fact.ts'
import { schemaVersion } from '../../src/journal/upcast.ts'
import { UPCASTS } from '../../src/journal/upcasts.ts'
import { isCode, readSources } from '../tidy/source.ts'
import { goldenFiles, goldenLines } from './golden.ts'
import { EVERY_FACT } from './sample.ts'

/** Paths of all fields of a stored value, each with the kind of what is in it; lists count as one element. */
const fieldsOf = (value: unknown, path = ''): string[] => {
  if (Array.isArray(value)) return value.flatMap((item) => fieldsOf(item, `${path}[]`))
  if (typeof value !== 'object' || value === null) return [`${path} ${value === null ? 'null' : typeof value}`]
  return Object.entries(value).flatMap(([key, item]) => fieldsOf(item, `${path}.${key}`))
}

type Stored = Fact & { readonly v?: number }
const nameOf = ({ type, v = 1 }: Stored): string => `${type} ${v}`

/** What golden lines have of each type in each version. */
const golden = new Map<string, Set<string>>()
for (const line of goldenFiles().flatMap(goldenLines)) {
  const { fact } = JSON.parse(line) as { fact: Stored }
  const known = golden.get(nameOf(fact)) ?? new Set()
  for (const field of fieldsOf(fact)) known.add(field)
  golden.set(nameOf(fact), known)
}

/** Fields that are written today and stand in no golden line of the version that is written today. */
const newFields = (fact: Fact): string[] => {
  const v = schemaVersion(UPCASTS, fact.type)
  const stored = JSON.parse(encode(v === 1 ? fact : { ...fact, v })) as Stored
  const known = golden.get(nameOf(stored)) ?? new Set()
  return fieldsOf(stored).filter((field) => !known.has(field))
}

describe('the shape of each fact', () => {
  it.each(EVERY_FACT.map((fact) => [fact.type, fact] as const))(
    '%s is written as golden lines of its version are; if not, it needs an upcast and a golden line of its new version',
    (_, fact) => expect(newFields(fact)).toEqual([]),
  )

  it('is looked at for every type that the sources name', () => {
    const sources = readSources().filter((source) => isCode(source) && /^(domain|src)\//.test(source.path))
    const named = sources.flatMap(({ text }) =>
      [...text.matchAll(/readonly type: '([a-z]+\.[a-z-]+)'/g)].map(([, type]) => type!),
    )
    expect([...new Set(named)].sort()).toEqual([...new Set(EVERY_FACT.map(({ type }) => type))].sort())
  })

  it('would notice a field that is new, has another name, or another kind of value', () => {
    const [sent] = EVERY_FACT.filter(({ type }) => type === 'wallet.sent') as (Fact & { fee: bigint })[]
    const { fee, ...rest } = sent!
    expect(newFields({ ...sent!, memo: 'a' } as Fact)).toEqual(['.memo string'])
    expect(newFields({ ...rest, feeSats: fee } as Fact)).toEqual(['.feeSats.$n string'])
    expect(newFields({ ...rest, fee: Number(fee) } as Fact)).toEqual(['.fee number'])
    expect(newFields({ type: 'no.such', at: 1 })).toEqual(['.at number', '.type string'])
    expect(decode(encode(sent!))).toEqual(sent)
  })
})
