import { dayBegins, dayOf } from '../../../domain/lease/budget.ts'
import { type Forecast, forecast, lastsMs, type Running, rateOf } from '../../../domain/lease/forecast.ts'
import { type LeaseRow, leases } from '../../../projections/leases.ts'
import { MAX_PAGE_ROWS } from '../../projector/port.ts'
import { builder } from './builder.ts'
import type { ApiContext } from './context.ts'
import { perRequest } from './per-request.ts'

/** What is locked in the channels of a lease, sats. */
export const capacityOf = ({ funding, terms, toppedUpSats }: LeaseRow): bigint | undefined => {
  const first = funding?.capacitySats ?? terms?.channel.capacitySats
  return first === undefined ? undefined : first + toppedUpSats
}

const running = (row: LeaseRow): Running | undefined => {
  const { stage, terms, usage, owedMsat, pace, notice } = row
  const capacitySats = capacityOf(row)
  if (stage !== 'meter' || terms === undefined || capacitySats === undefined) return undefined
  return { terms, usage, owedMsat, capacitySats, pace, notice }
}

/** What the leases cost together that this publisher has running, msat for an hour; of the newest thousand. */
export const togetherMsat = perRequest(({ projector }): bigint => {
  const rows = projector.query(leases, {
    where: { side: 'publisher', stage: 'meter' },
    orderBy: 'began',
    descending: true,
    limit: MAX_PAGE_ROWS,
  })
  let sum = 0n
  for (const { row } of rows) {
    const one = running(row)
    if (one) sum += rateOf(one).hourlyMsat
  }
  return sum
})

export const budgetEmptyAt = (dayBegan: number, leftSats: bigint | undefined, context: ApiContext): number | null => {
  const lasts = leftSats === undefined ? undefined : lastsMs(leftSats * 1_000n, togetherMsat(context))
  const at = lasts === undefined ? undefined : context.clock.now() + Number(lasts)
  return at !== undefined && at < dayBegins(dayOf(dayBegan) + 1) ? at : null
}

export type ForecastShape = Forecast & { readonly emptyAt: number }

/** When a lease that runs comes to its end. */
export const forecastOf = (row: LeaseRow, context: ApiContext): ForecastShape | undefined => {
  const one = running(row)
  if (one === undefined) return undefined
  const now = context.clock.now()
  const leftSats = row.side === 'publisher' ? context.market.budget()?.leftSats : undefined
  const told = forecast(one, now, leftSats === undefined ? undefined : { leftSats, hourlyMsat: togetherMsat(context) })
  return { ...told, emptyAt: now + told.emptyInMs }
}

const BoundEnum = builder.enumType('LeaseBound', {
  description: 'What ends a lease first, if it goes on as it does.',
  values: {
    CAPACITY: { value: 'capacity', description: 'Its channels are used; top-ups to come are not counted.' },
    DAILY_BUDGET: { value: 'daily-budget', description: 'What all leases here may cost today is used.' },
    DURATION: { value: 'duration' },
    NOTICE: { value: 'notice', description: 'Somebody said so.' },
  } as const,
})

export const ForecastType = builder.objectRef<ForecastShape>('LeaseForecast').implement({
  description: 'When a lease ends, if it goes on as it does.',
  fields: (t) => ({
    emptyAt: t.expose('emptyAt', { type: 'DateTime' }),
    emptyInS: t.float({ resolve: ({ emptyInMs }) => emptyInMs / 1_000 }),
    by: t.field({ type: BoundEnum, resolve: ({ by }) => by }),
    hourlyMsat: t.expose('hourlyMsat', { type: 'Amount', description: 'What it costs as it is used now.' }),
    windowS: t.float({
      description: 'Over how much billed time that was measured; 0: it is what full use costs.',
      resolve: ({ windowMs }) => windowMs / 1_000,
    }),
    low: t.exposeBoolean('low', { description: 'Money runs out in less than ten minutes.' }),
  }),
})
