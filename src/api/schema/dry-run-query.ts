import { blocks } from '../../../projections/blocks.ts'
import { providers } from '../../../projections/providers.ts'
import { tryDry } from '../dry-run.ts'
import { isProblem } from '../problem.ts'
import { readRequest } from '../rent-request.ts'
import { builder } from './builder.ts'
import { freshArg } from './connection.ts'
import { DryRunType } from './dry-run-types.ts'
import { untilFresh } from './fresh.ts'
import { resultType } from './problem-type.ts'
import { DryRunInput } from './request-input.ts'

const DryRunResult = resultType('DryRunResult', DryRunType)

builder.queryField('dryRun', (t) =>
  t.field({
    type: DryRunResult,
    description: 'What would come of a request, checked as postAnnouncement checks it; nothing is posted.',
    args: { ...freshArg, input: t.arg({ type: DryRunInput, required: true }) },
    resolve: async (_, { input, atLeast }, context) => {
      const { waitMs: _wait, idempotencyKey: _key, ...raw } = input
      const request = readRequest(raw)
      if (isProblem(request)) return request
      await untilFresh(context, atLeast, providers.name, blocks.name)
      const { market, projector, clock } = context
      const refusal = await market.checkAnnouncement(request)
      return {
        ...tryDry(request, { market, projector, now: clock.now() }),
        count: request.body.count,
        capacitySats: request.order.capacitySats,
        refusal,
        position: projector.position(providers.name),
      }
    },
  }),
)
