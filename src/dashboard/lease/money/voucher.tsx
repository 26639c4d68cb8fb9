import type { LeaseContext } from '../../../../domain/lease/context.ts'
import { nobleCurve } from '../../../curve/noble.ts'
import { useLive } from '../../api/live.ts'
import { graphql } from '../../graphql.ts'
import { Checks } from '../../part/checks.tsx'
import { Sats, Short } from '../../part/shown.tsx'
import { Told } from '../../part/told.tsx'
import type { Tick } from './ticks.ts'
import { voucherChecks } from './voucher-checks.ts'

const VOUCHERS = graphql(`
  query Vouchers($leaseId: Hex!, $tick: Int!) {
    status { position }
    lease(leaseId: $leaseId) {
      ticks(first: 1, filter: { number: { min: $tick, max: $tick } }) {
        edges {
          node {
            number
            vouchers {
              channelId
              leg
              paidSats
              signature
              channel { publisherKey providerKey capacitySats expiryHeight fundingTxid fundingVout }
            }
          }
        }
      }
    }
  }
`)

type Given = { readonly leaseId: string; readonly tick: Tick; readonly lease: LeaseContext }

/** What the publisher signed at a tick, and whether that holds: computed here, by nobody’s word. */
export const Voucher = ({ leaseId, tick, lease }: Given) => {
  const live = useLive(VOUCHERS, { leaseId, tick: tick.tick }, [])
  const vouchers = live.data.value?.lease?.ticks.edges[0]?.node.vouchers
  return (
    <section class="card" aria-label={`Voucher of tick ${tick.tick}`}>
      <h2>Signed voucher of tick {tick.tick}</h2>
      {live.fault.value && <Told told={live.fault.value} />}
      {live.data.value === undefined && !live.fault.value && <p class="loading">Loading…</p>}
      {live.data.value !== undefined && (vouchers === undefined || vouchers.length === 0) && (
        <p class="empty">The log keeps no voucher of this tick: a later one counts.</p>
      )}
      {vouchers?.map((voucher) => (
        <div key={voucher.channelId}>
          <dl class="facts">
            <dt>Channel</dt>
            <dd>
              {voucher.leg === 0 ? 'the first' : `of top-up ${voucher.leg}`},{' '}
              <Short of={voucher.channel?.fundingTxid} />
            </dd>
            <dt>Sum so far</dt>
            <dd>
              <Sats of={voucher.paidSats} /> of <Sats of={voucher.channel?.capacitySats} />
            </dd>
            <dt>In all channels</dt>
            <dd>
              <Sats of={tick.paidSats} />
            </dd>
            <dt>Signature</dt>
            <dd>
              <code>{voucher.signature}</code>
            </dd>
          </dl>
          <h3>Checked in this browser</h3>
          <Checks
            of={voucherChecks(voucher, lease, tick.paidSats ?? 0n, nobleCurve)}
            label={`Checks of the voucher of tick ${tick.tick}`}
          />
        </div>
      ))}
    </section>
  )
}
