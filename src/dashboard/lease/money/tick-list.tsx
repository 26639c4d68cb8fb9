import { showNumber } from '../../../../domain/shown.ts'
import { At, Sats } from '../../part/shown.tsx'
import { VirtualRows } from '../../part/virtual-rows.tsx'
import type { Tick } from './ticks.ts'

type Given = {
  readonly leaseId: string
  readonly ticks: readonly Tick[]
  /** The one whose voucher is shown. */
  readonly shown: number | undefined
}

/** Every tick, with a link to the voucher that it led to. */
export const TickList = ({ leaseId, ticks, shown }: Given) => (
  <VirtualRows
    rows={ticks}
    rowPx={40}
    head={['Tick', 'At', 'Owed more, msat', 'Owed in all, msat', 'Voucher in all', 'Voucher']}
    label="Ticks"
    keyOf={({ tick }) => String(tick)}
  >
    {({ tick, at, moreMsat, owedMsat, paidSats }) => [
      <span class="figure">{tick}</span>,
      <At of={new Date(at).toISOString()} />,
      <span class="figure">{showNumber(moreMsat)}</span>,
      <span class="figure">{showNumber(owedMsat)}</span>,
      <Sats of={paidSats} />,
      paidSats === undefined ? (
        <span class="faint">not yet</span>
      ) : (
        <a href={`/lease/${leaseId}/payments?tick=${tick}`} aria-current={tick === shown ? 'true' : undefined}>
          Signed voucher of tick {tick}
        </a>
      ),
    ]}
  </VirtualRows>
)
