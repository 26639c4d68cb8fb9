import { At, Msat, Sats } from '../part/shown.tsx'

type Budget = {
  readonly limitSats: string | null
  readonly spentSats: string
  readonly reservedSats: string
  readonly leftSats: string | null
  readonly hourlyMsat: string
  readonly dayBegan: string
  readonly emptyAt: string | null
}

/** Percent of the limit that is used or kept for leases that run, 0 to 100. */
export const usedPercent = ({ limitSats, leftSats }: Pick<Budget, 'limitSats' | 'leftSats'>): number => {
  const limit = BigInt(limitSats ?? 0)
  if (limit === 0n) return 100
  const used = limit - BigInt(leftSats ?? 0)
  return Number((used * 100n) / limit)
}

/** What own leases cost today, and may. */
export const BudgetCard = ({ of }: { readonly of: Budget }) => (
  <section class="card">
    <h2>What leases cost today</h2>
    <dl class="facts">
      <dt>Spent</dt>
      <dd>
        <Sats of={of.spentSats} />
      </dd>
      <dt>Kept for leases that run</dt>
      <dd>
        <Sats of={of.reservedSats} />
      </dd>
      <dt>An hour of those now</dt>
      <dd>
        <Msat of={of.hourlyMsat} />
      </dd>
      <dt>The day began</dt>
      <dd>
        <At of={of.dayBegan} />
      </dd>
    </dl>
    {of.limitSats === null ? (
      <p class="faint">
        There is no limit. Set dailyBudgetSats of the node to have one; it holds for all leases together.
      </p>
    ) : (
      <>
        <p>
          <Sats of={of.leftSats} /> of <Sats of={of.limitSats} /> are left.{' '}
          {of.emptyAt !== null && (
            <>
              If all goes on as it does, until <At of={of.emptyAt} />.
            </>
          )}
        </p>
        <meter aria-label="Used of the day’s budget, percent" min={0} max={100} high={80} value={usedPercent(of)}>
          {usedPercent(of)} %
        </meter>
        <p class="faint">It is dailyBudgetSats of the node: set there, not here, so that a page cannot raise it.</p>
      </>
    )}
  </section>
)
