import { capacityOf } from '../../../../domain/lease/legs.ts'
import { useLive } from '../../api/live.ts'
import { graphql } from '../../graphql.ts'
import { useCommands } from '../../part/equivalents.tsx'
import { Msat, Sats, said, Time } from '../../part/shown.tsx'
import { Told } from '../../part/told.tsx'
import { parameters } from '../../route.ts'
import { useReplayed } from '../log/follow.ts'
import { UnknownLease } from '../unknown.tsx'
import { Counter } from './counter.tsx'
import { countingOf } from './counting.ts'
import { TickList } from './tick-list.tsx'
import { ticksOf } from './ticks.ts'
import { Voucher } from './voucher.tsx'

const FORECAST = graphql(`
  query PaymentForecast($leaseId: Hex!) {
    status { position }
    lease(leaseId: $leaseId) { hourlyMsat forecast { by emptyInS hourlyMsat low } }
  }
`)

/** What a lease costs, or earns, while one looks: and every signature that pays for it. */
export const Payments = ({ leaseId = '' }: Readonly<Record<string, string>>) => {
  const { facts, replayed } = useReplayed(leaseId)
  const live = useLive(FORECAST, { leaseId }, [`lease ${leaseId}`])
  useCommands([`zennet lease watch ${leaseId}`, `zennet lease show ${leaseId}`])
  const { entries, states } = replayed.value
  const state = states.at(-1)!
  const { context } = state
  const ticks = ticksOf(entries)
  const asked = parameters.value.get('tick')
  const shown = ticks.find(({ tick }) => String(tick) === asked)
  const isProvider = context.side === 'provider'
  const forecast = live.data.value?.lease?.forecast
  const counting = countingOf(entries, state, entries.length)
  const capacity = capacityOf(context)
  return (
    <>
      <div class="title">
        <h1>{isProvider ? 'Earnings of a lease' : 'Payments of a lease'}</h1>
        <a href={`/lease/${leaseId}`}>The lease</a>
      </div>
      {facts.fault.value && <Told told={facts.fault.value} />}
      {live.fault.value && <Told told={live.fault.value} />}
      {!facts.isThere.value && !facts.fault.value && <p class="loading">Reading its facts…</p>}
      {facts.isThere.value && entries.length === 0 && <UnknownLease />}
      {facts.isThere.value && entries.length > 0 && (
        <>
          <div class="cards">
            <section class="card">
              {counting ? (
                <Counter counting={counting} label={isProvider ? 'Earned until now' : 'Owed until now'} />
              ) : (
                <p class="empty">No terms are agreed yet, so nothing is owed.</p>
              )}
            </section>
            <section class="card">
              <div class="faint">{isProvider ? 'Vouchers received' : 'Paid by vouchers'}</div>
              <div class="big">
                <Sats of={context.paidSats} />
              </div>
            </section>
            <section class="card">
              <div class="faint">Deposit left</div>
              <div class="big">
                <Sats of={context.terms === undefined ? null : capacity - context.paidSats} />
              </div>
              <div class="faint">
                of <Sats of={context.terms === undefined ? null : capacity} />
              </div>
            </section>
            <section class="card">
              <div class="faint">Rate now, an hour</div>
              <div class="big">
                <Msat of={forecast?.hourlyMsat} />
              </div>
            </section>
            <section class="card">
              <div class="faint">Time to empty</div>
              <div class="big">
                <Time of={forecast?.emptyInS} />
              </div>
              <div class="faint">
                {forecast ? `by ${said(forecast.by)}${forecast.low ? ': money is low' : ''}` : 'it does not run'}
              </div>
            </section>
          </div>
          {shown !== undefined && <Voucher key={shown.tick} leaseId={leaseId} tick={shown} lease={context} />}
          {ticks.length === 0 ? (
            <p class="empty">No tick yet. The first comes when machine and money are there.</p>
          ) : (
            <TickList leaseId={leaseId} ticks={ticks} shown={shown?.tick} />
          )}
        </>
      )}
    </>
  )
}
