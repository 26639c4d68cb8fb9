import { Rate } from '../chain/rate.tsx'
import { blockAgeS } from '../part/block-age.ts'
import { Sats, Time } from '../part/shown.tsx'
import { judgeChain } from './judgement.ts'
import { VerdictCard } from './verdict-card.tsx'

type Given = {
  readonly of: {
    readonly status: { readonly at: string; readonly network: string; readonly chain: string }
    readonly networkHealth: {
      readonly height: number | null
      readonly blockTime: string | null
      readonly blockIntervalS: number | null
      readonly blockIntervals: number
      readonly intendedIntervalS: number | null
      readonly peers: { readonly bestHeight: number; readonly peers: readonly unknown[] } | null
    }
    readonly fees: {
      readonly waiting: number
      readonly waitingFeeSats: string
      readonly estimates: readonly { readonly targetBlocks: number; readonly feeRate: number | null }[]
    }
  }
}

/** How far the chain is, how fast it goes, and what it costs. */
export const ChainCard = ({ of: { status, networkHealth, fees } }: Given) => {
  const { height, blockTime, blockIntervalS, blockIntervals, intendedIntervalS, peers } = networkHealth
  const ageS = blockAgeS(status.at, blockTime ?? undefined)
  return (
    <VerdictCard title="Chain" of={judgeChain({ height, ageS, bestHeight: peers?.bestHeight ?? null })}>
      <dl class="facts">
        <dt>Network</dt>
        <dd>{status.network}</dd>
        <dt>Engine</dt>
        <dd>{status.chain}</dd>
        <dt>A block every</dt>
        <dd>
          <Time of={blockIntervalS} />
          {blockIntervalS !== null && `, over ${blockIntervals}`}
        </dd>
        <dt>Meant to be every</dt>
        <dd>
          <Time of={intendedIntervalS} />
        </dd>
        <dt>Waiting for one</dt>
        <dd>
          <span class="figure">{fees.waiting}</span> transactions, <Sats of={fees.waitingFeeSats} /> of fees
        </dd>
        {fees.estimates.map((one) => (
          <Estimate key={one.targetBlocks} {...one} />
        ))}
      </dl>
      <p>
        <a href="/chain">Its blocks</a>
      </p>
    </VerdictCard>
  )
}

const Estimate = ({ targetBlocks, feeRate }: { readonly targetBlocks: number; readonly feeRate: number | null }) => (
  <>
    <dt>To be in one of {targetBlocks}</dt>
    <dd>
      <Rate of={feeRate} />
    </dd>
  </>
)
