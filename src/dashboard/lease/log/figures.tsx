import { type LeaseState, stageOf } from '../../../../domain/lease/lease.ts'
import { capacityOf } from '../../../../domain/lease/legs.ts'
import { Msat, Sats, State, Time } from '../../part/shown.tsx'

/** What the facts up to a version add up to. */
export const Figures = ({ state }: { readonly state: LeaseState }) => {
  const { context } = state
  return (
    <dl class="facts">
      <dt>Stage</dt>
      <dd>
        <State of={stageOf(state).toUpperCase()} />
      </dd>
      <dt>Tick</dt>
      <dd class="figure">{context.tick}</dd>
      <dt>Time served</dt>
      <dd>
        <Time of={Number(context.usage.wallUs / 1_000_000n)} />
      </dd>
      <dt>Owed</dt>
      <dd>
        <Msat of={context.owedMsat} />
      </dd>
      <dt>Vouchers</dt>
      <dd>
        <Sats of={context.paidSats} />
      </dd>
      <dt>Deposit</dt>
      <dd>
        <Sats of={context.terms === undefined ? null : capacityOf(context)} />
      </dd>
      {context.end && (
        <>
          <dt>End</dt>
          <dd>
            <code>{context.end.code}</code> ({context.end.culprit})
          </dd>
        </>
      )}
    </dl>
  )
}
