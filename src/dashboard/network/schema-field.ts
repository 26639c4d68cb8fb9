/** A type as introspection tells it: lists and what cannot be null are wrapped. */
export type TypeRef = { readonly kind: string; readonly name: string | null; readonly ofType?: TypeRef | null }

export type SchemaField = {
  readonly name: string
  readonly description: string | null
  readonly args: readonly { readonly name: string; readonly description: string | null; readonly type: TypeRef }[]
  readonly type: TypeRef
}

export type RootName = 'query' | 'mutation' | 'subscription'
export type Root = { readonly is: RootName; readonly fields: readonly SchemaField[] }

/** As it is written in a schema: `[Lease!]!`. */
export const writtenType = ({ kind, name, ofType }: TypeRef): string => {
  if (ofType == null) return name ?? '?'
  const inner = writtenType(ofType)
  return kind === 'NON_NULL' ? `${inner}!` : kind === 'LIST' ? `[${inner}]` : inner
}

/** Those whose name, words, arguments or type have every word of `typed` in them. */
export const matching = (fields: readonly SchemaField[], typed: string): readonly SchemaField[] => {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return fields.filter((field) => {
    const text = [field.name, field.description ?? '', writtenType(field.type), ...field.args.map(({ name }) => name)]
      .join(' ')
      .toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
