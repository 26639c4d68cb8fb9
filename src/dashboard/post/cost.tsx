import { showNumber } from '../../../domain/shown.ts'
import { Msat, Sats } from '../part/shown.tsx'
import type { DryRun } from './try.ts'

export type Money = {
  readonly balance: { readonly confirmedSats: string; readonly unconfirmedSats: string }
  readonly budget: { readonly limitSats: string | null; readonly leftSats: string | null } | null
}

type Given = {
  readonly run: DryRun | undefined
  /** Of all machines together, for an hour. */
  readonly ceilingMsat: bigint | undefined
  readonly seconds: number
  readonly money: Money
}

/** What it would cost: as providers ask now, at the most, and what that leaves. */
export const Cost = ({ run, ceilingMsat, seconds, money }: Given) => {
  const has = BigInt(money.balance.confirmedSats) + BigInt(money.balance.unconfirmedSats)
  const whole = ceilingMsat === undefined ? undefined : (ceilingMsat * BigInt(Math.ceil(seconds))) / 3_600n
  const locked = run === undefined ? undefined : BigInt(run.lockedSats)
  const limit = money.budget?.leftSats ?? null
  return (
    <section class="card" aria-live="polite">
      <h2>What it costs</h2>
      <dl class="facts">
        <dt>An hour, full use</dt>
        <dd>
          <Msat of={run?.hourlyMsat} /> as they ask now; at most <Msat of={ceilingMsat} />
        </dd>
        <dt>The whole</dt>
        <dd>
          <Msat of={run?.wholeMsat} /> as they ask now; at most <Msat of={whole} />
        </dd>
        <dt>Locked at the begin</dt>
        <dd>
          <Sats of={locked} /> <span class="faint">what is not used comes back</span>
        </dd>
        <dt>In the wallet</dt>
        <dd>
          <Sats of={has} />
          {locked !== undefined && (
            <span class={locked > has ? 'wrong' : 'faint'}>
              {' '}
              {locked > has ? `✗ ${showNumber(locked - has)} too few` : `✓ leaves ${showNumber(has - locked)}`}
            </span>
          )}
        </dd>
        <dt>Of today’s budget</dt>
        <dd>{limit === null ? <span class="faint">no limit is set</span> : <Sats of={limit} />}</dd>
      </dl>
    </section>
  )
}
