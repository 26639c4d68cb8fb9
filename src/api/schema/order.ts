import { builder } from './builder.ts'

const DirectionEnum = builder.enumType('Direction', { values: ['ASCENDING', 'DESCENDING'] as const })
type Direction = typeof DirectionEnum.$inferType

export type Order<Column extends string> = { readonly by: Column; readonly direction: Direction }

/**
 * What a list can be sorted by: `<Name>Order`, with an enum of its keys.
 * @param keys by name in the schema: a column of the table, and what it means
 */
export const orderType = <Column extends string>(
  name: string,
  keys: Readonly<Record<string, { readonly value: Column; readonly description?: string }>>,
) => {
  const Key = builder.enumType(`${name}OrderKey`, { values: keys })
  return builder.inputType(`${name}Order`, {
    fields: (t) => ({
      by: t.field({ type: Key, required: true }),
      direction: t.field({ type: DirectionEnum, required: true, defaultValue: 'DESCENDING' }),
    }),
  })
}
