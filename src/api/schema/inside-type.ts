import { INSIDE_KEYS, type InsideKey } from '../../../domain/lease/inside.ts'
import type { LeaseRow } from '../../../projections/leases.ts'
import { builder } from './builder.ts'

type Count = { readonly item: InsideKey; readonly read: bigint; readonly billed: bigint; readonly beyond: boolean }

const InsideCountType = builder.objectRef<Count>('InsideCount').implement({
  description: 'One counter as it was read inside the machine, and as it was billed until then.',
  fields: (t) => ({
    item: t.exposeString('item', { description: 'A field of Usage.' }),
    read: t.expose('read', { type: 'Amount' }),
    billed: t.expose('billed', { type: 'Amount' }),
    beyond: t.exposeBoolean('beyond', { description: 'More was billed than the agreed tolerance allows.' }),
  }),
})

export const InsideType = builder.objectRef<NonNullable<LeaseRow['inside']>>('InsideReading').implement({
  description: 'The publisher’s own reading from inside the machine, over its shell; on the publisher’s node only.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime' }),
    tick: t.exposeInt('tick', { description: 'The newest that was billed when it was asked for.' }),
    counts: t.field({
      type: [InsideCountType],
      description: 'What could be read; since the machine was last started.',
      resolve: ({ usage, billed, since, beyond }) =>
        INSIDE_KEYS.flatMap((item): Count[] => {
          const read = usage[item]
          const count = { item, billed: billed[item] - since.billed[item], beyond: beyond.includes(item) }
          return read === undefined ? [] : [{ ...count, read }]
        }),
    }),
    strikes: t.exposeInt('strikes', {
      description: 'Readings in a row that were beyond the tolerance; so many as were agreed end the lease.',
    }),
  }),
})
