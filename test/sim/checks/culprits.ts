import type { LeaseFact } from '../../../domain/lease/facts.ts'
import { ANYBODYS, type NodeName, type Trouble } from '../plan.ts'
import type { Account } from '../truth.ts'
import { type Check, Violation } from '../violation.ts'
import type { World } from '../world.ts'
import { hasTrouble } from './excuses.ts'

const NAME = 'culprit-is-right'

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
  unpaid: { troubles: [...SILENCE, ...CHAIN], hostile: ['signs-no-more', 'never-serves', ...ANYBODYS] },
  'publisher-silent': { troubles: [...SILENCE, ...CHAIN], hostile: ['over-bills', 'never-serves', ...ANYBODYS] },
  'provider-silent': { troubles: [...SILENCE, ...CHAIN], hostile: ['never-serves', 'signs-no-more', ...ANYBODYS] },
  'bad-voucher': { hostile: ANYBODYS },
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
  atWrite(world, { account, fact }) {
    const isEnd = ['lease.ended', 'lease.lapsed', 'lease.refused', 'lease.failed'].includes(fact.type)
    if (!isEnd) return
    const { code, culprit } = fact as Extract<LeaseFact, { code: string; culprit: string }>
    const cause = CAUSES[code]
    if (cause === undefined || isThere(world, account, cause)) return
    throw new Violation(
      NAME,
      `lease ${account.leaseId}: ${fact.type} ${code} (${culprit}), for no reason`,
      account.node,
    )
  },
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
