import { blocks } from '../../../projections/blocks.ts'
import { leases } from '../../../projections/leases.ts'
import { builder } from './builder.ts'
import { freshArg } from './connection.ts'
import { untilFresh } from './fresh.ts'
import { StatusType } from './node-types.ts'

builder.queryType({
  fields: (t) => ({
    status: t.field({
      type: StatusType,
      args: freshArg,
      resolve: async (_, { atLeast }, context) => {
        await untilFresh(context, atLeast)
        const { market, projector, journal, clock } = context
        const tip = projector.query(blocks, { orderBy: 'height', descending: true, limit: 1 })[0]
        return {
          ...market.status(),
          position: projector.position(),
          head: await journal.head(),
          at: clock.now(),
          height: tip?.row.height,
          activeLeases: projector.count(leases, { active: 1 }),
        }
      },
    }),
  }),
})
