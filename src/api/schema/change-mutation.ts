import { z } from 'zod'
import { leases } from '../../../projections/leases.ts'
import type { Done, Problem } from '../port.ts'
import { problemOf } from '../problem.ts'
import { explain } from '../rent-request.ts'
import { builder } from './builder.ts'
import { command } from './command.ts'
import { untilFresh } from './fresh.ts'
import { LeaseType } from './lease-type.ts'
import { resultType } from './problem-type.ts'
import { KEY_DESCRIPTION } from './request-input.ts'

const YEAR_MS = 366 * 86_400_000
const ms = z.number().int().min(0).max(YEAR_MS).exactOptional()
const Request = z.strictObject({
  pricePercent: z.number().int().min(1).max(1_000).exactOptional(),
  maxDurationMs: z.number().int().min(1_000).max(YEAR_MS).exactOptional(),
  longerByMs: z.number().int().min(1).max(YEAR_MS).exactOptional(),
  noticeMs: ms,
  dataGraceMs: ms,
})

type Asked = Done<{ leaseId: string }>
const AskedType = builder.objectRef<Asked>('LeaseChangeAsked').implement({
  description: 'The change is written down; the lease’s events tell when both have signed it, or why not.',
  fields: (t) => ({
    leaseId: t.expose('leaseId', { type: 'Hex' }),
    lease: t.field({
      type: LeaseType,
      nullable: true,
      resolve: async (done, _, context) => {
        await untilFresh(context, done.position, leases.name)
        return context.projector.byId(leases, done.leaseId) ?? null
      },
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
const ChangeResult = resultType('ChangeLeaseResult', AskedType)

const ChangeInput = builder.inputType('ChangeLeaseInput', {
  description: 'Other terms for a lease that runs: what is absent stays as it is.',
  fields: (t) => ({
    leaseId: t.field({ type: 'Hex', required: true }),
    pricePercent: t.int({
      description: 'Every price but that of the start, in percent of the present one; 1 to 1000.',
    }),
    maxDurationMs: t.float({ description: 'The longest that it may last in all.' }),
    longerByMs: t.float({ description: 'Instead: so much longer than now.' }),
    noticeMs: t.float({ description: 'How long before it ends the lease by choice the provider says so.' }),
    dataGraceMs: t.float(),
    idempotencyKey: t.string({ required: true, description: KEY_DESCRIPTION }),
  }),
})

builder.mutationField('changeLease', (t) =>
  t.field({
    type: ChangeResult,
    description:
      'Asks the other side for other terms while the lease runs. What is better for it and nothing worse it signs at once; a longer ' +
      'duration as well, where its policy and the channel allow it; all else it refuses.',
    args: { input: t.arg({ type: ChangeInput, required: true }) },
    resolve: (_, { input }, context) =>
      command(context, 'changeLease', input, async (): Promise<Asked | Problem> => {
        const { leaseId, idempotencyKey: __, ...fields } = input
        const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null))
        const request = Request.safeParse(given)
        if (!request.success) return problemOf('api.bad-input', explain(request.error))
        if (request.data.longerByMs !== undefined && request.data.maxDurationMs !== undefined)
          return problemOf('api.bad-input', 'longerByMs and maxDurationMs are both given: expected one of them')
        return context.market.changeLease(leaseId, request.data)
      }),
  }),
)
