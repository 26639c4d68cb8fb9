import { closeMarginBlocks } from '../../../domain/channel/margin.ts'
import type { LeaseFact } from '../../../domain/lease/facts.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import { capacityUsed } from '../../../domain/lease/legs.ts'
import type { Ask } from '../asks.ts'
import { ANYBODYS, type NodeName, type Trouble } from '../plan.ts'
import type { Account, Written } from '../truth.ts'
import { type Check, Violation } from '../violation.ts'
import { NETWORK, type World } from '../world.ts'
import { hasTrouble } from './excuses.ts'

const NAME = 'culprit-is-right'
/** So many blocks one chain's node may be ahead of another's. */
const AHEAD_BLOCKS = 10

const SILENCE: readonly Trouble['kind'][] = [
  'kill',
  'kill-at-write',
  'stall',
  'partition',
  'cut',
  'flip',
  'slow-network',
  'disk-full',
  'disk-slow',
  'chain-away',
  'chain-away-at',
  'driver-hangs',
]
const CHAIN: readonly Trouble['kind'][] = ['chain-away', 'chain-away-at', 'reorganise', 'fees', 'forget']

type Cause = { readonly troubles?: readonly Trouble['kind'][]; readonly hostile?: readonly string[] }

/** What must have gone wrong, at either side, for a lease to be over for this reason. Others need no reason. */
const CAUSES: Readonly<Record<string, Cause>> = {
  unpaid: {
    troubles: [...SILENCE, ...CHAIN],
    hostile: ['signs-no-more', 'never-serves', 'names-false-ends', ...ANYBODYS],
  },
  'publisher-silent': {
    troubles: [...SILENCE, ...CHAIN],
    hostile: ['over-bills', 'never-serves', 'names-false-ends', ...ANYBODYS],
  },
  'provider-silent': { troubles: [...SILENCE, ...CHAIN], hostile: ['never-serves', 'signs-no-more', ...ANYBODYS] },
  'bad-voucher': { hostile: ['names-false-ends', ...ANYBODYS] },
  'usage-impossible': { hostile: ['over-bills', ...ANYBODYS] },
  'machine-exited': { troubles: ['machines'] },
  'machine-out-of-memory': { troubles: ['machines'] },
  'machine-gone': { troubles: ['machines'] },
  'host-fault': { troubles: ['driver-hangs', 'machines', 'chain-away', 'chain-away-at'] },
  'wrong-key': {},
  'peer-misbehaved': { hostile: ['never-serves', ...ANYBODYS] },
  'terms-differ': { hostile: ANYBODYS },
  'peer-unreachable': { troubles: SILENCE, hostile: ANYBODYS },
  'stage-timeout': { troubles: [...SILENCE, ...CHAIN], hostile: ANYBODYS },
  'node-restarted': { troubles: SILENCE },
  'machine-failed': { troubles: SILENCE },
  'funding-refused': { troubles: [...CHAIN, ...SILENCE], hostile: ['double-spends', ...ANYBODYS] },
  'funding-missing': { troubles: CHAIN, hostile: ['double-spends', 'closes-old'] },
}

/** Nobody is blamed for what did not happen. */
export const culprits: Check = {
  name: NAME,
  atWrite(world, written) {
    const { account, fact } = written
    const isEnd = ['lease.ended', 'lease.lapsed', 'lease.refused', 'lease.failed'].includes(fact.type)
    if (!isEnd) return
    const { code, culprit } = fact as Extract<LeaseFact, { code: string; culprit: string }>
    const cause = CAUSES[code]
    const reason = REASONS[code]
    if ((cause === undefined || isThere(world, account, cause)) && (reason?.(world, written) ?? true)) return
    throw new Violation(
      NAME,
      `lease ${account.leaseId}: ${fact.type} ${code} (${culprit}), for no reason`,
      account.node,
    )
  },
}

type Reason = (world: World, written: Written) => boolean

const isNear = ({ chain }: World, { terms }: LeaseState['context']) =>
  chain.tip.height + AHEAD_BLOCKS >= terms!.channel.expiryHeight - closeMarginBlocks(NETWORK)
const asks = ({ plan }: World, kind: Ask['kind'], ...by: readonly string[]) =>
  plan.rents.some((rent) => (rent.asks ?? []).some((ask) => ask.kind === kind && by.includes(ask.by)))
const stops: Reason = (world) =>
  world.plan.rents.some(({ stop }) => stop?.by === 'provider') ||
  asks(world, 'notice', 'provider') ||
  world.plan.hostile.some(({ kind }) => kind === 'names-false-ends' || kind === 'garbles')

/** What must be so, by the log of who says it and by the world, for a lease to be over for this reason. */
const REASONS: Readonly<Record<string, Reason>> = {
  'duration-reached': (world, { account: { lease } }) =>
    lease.context.usage.wallUs >= BigInt(lease.context.terms!.maxDurationMs) * 1_000n || isNear(world, lease.context),
  'capacity-used': (_, { account: { lease, channels } }) => {
    const { terms, usage, topUps } = lease.context
    return capacityUsed(
      terms!,
      usage,
      topUps.filter(({ leg }) => channels.get(leg)?.context.height !== undefined),
    )
  },
  'paused-too-long': (world) => asks(world, 'pause', 'publisher'),
  'provider-paused-too-long': (world) => asks(world, 'pause', 'provider', 'owner'),
  'stopped-by-provider': stops,
  'ended-without-notice': (world, written) =>
    stops(world, written) && (written.account.lease.context.terms?.noticeMs ?? 0) > 0,
}

const isThere = (world: World, account: Account, { troubles = [], hostile = [] }: Cause): boolean => {
  const sides = sidesOf(world, account)
  return (
    sides.some((side) => hasTrouble(world, side, troubles)) ||
    world.plan.hostile.some(({ node, kind }) => sides.includes(node) && hostile.includes(kind))
  )
}

/** Both nodes of a lease; all, while the other is not known. */
const sidesOf = (world: World, account: Account): readonly NodeName[] => {
  const other = world.truth.other(account)
  return other ? [account.node, other.node] : [...world.nodes.keys()]
}
