import { type Ask, askedOf } from './asks.ts'
import { Dice } from './dice.ts'

/** `publisher-0`, `provider-2`. */
export type NodeName = `publisher-${number}` | `provider-${number}`
export type Pair = readonly [NodeName, NodeName]

/** A publisher asks for machines. Times are ms since the world began. */
export type Rent = {
  readonly publisher: NodeName
  readonly atMs: number
  readonly count: number
  readonly tickMs: number
  readonly capacitySats: bigint
  readonly maxDurationMs: number
  readonly dataGraceMs: number
  /** Percent of what a provider asks for an hour of full use. */
  readonly ceilingPercent: number
  /** Hard budget up to which its leases top themselves up, sats; absent: nobody said so. */
  readonly mostSats?: bigint
  /** What people add to its leases while they run. */
  readonly topUps?: readonly { readonly atMs: number; readonly sats: bigint }[]
  /** When somebody asks for the end, and who; absent: it goes on for as long as it may. */
  readonly stop?: { readonly atMs: number; readonly by: 'publisher' | 'provider' }
  /** In its terms: the longest pause, and the notice; and to what its leases renew themselves, ms. */
  readonly maxPauseMs?: number
  readonly noticeMs?: number
  readonly renewUpToMs?: number
  /** So long after the end somebody has fetched the data, ms. */
  readonly fetchedMs?: number
  readonly asks?: readonly Ask[]
}

/** Something that goes wrong. */
export type Trouble =
  | { readonly kind: 'kill'; readonly node: NodeName; readonly atMs: number; readonly downMs: number }
  /** When so many units were given to its disk: each of them may be on it or not. */
  | { readonly kind: 'kill-at-write'; readonly node: NodeName; readonly write: number; readonly downMs: number }
  | { readonly kind: 'stall'; readonly node: NodeName; readonly atMs: number; readonly forMs: number }
  | { readonly kind: 'partition'; readonly pair: Pair; readonly atMs: number; readonly forMs: number }
  | { readonly kind: 'cut'; readonly pair: Pair; readonly atMs: number }
  | { readonly kind: 'flip'; readonly pair: Pair; readonly atMs: number; readonly forMs: number }
  | { readonly kind: 'slow-network'; readonly atMs: number; readonly forMs: number; readonly byMs: number }
  | { readonly kind: 'disk-full'; readonly node: NodeName; readonly atMs: number; readonly forMs: number }
  | {
      readonly kind: 'disk-slow'
      readonly node: NodeName
      readonly atMs: number
      readonly forMs: number
      readonly byMs: number
    }
  | { readonly kind: 'chain-away'; readonly node: NodeName; readonly atMs: number; readonly forMs: number }
  /** When a provider gets the `nth` message of a type that matters to it. */
  | {
      readonly kind: 'chain-away-at'
      readonly node: NodeName
      readonly message: 'funded' | 'topped-up'
      readonly forMs: number
    }
  /** `losesPercent` of the transactions in the blocks that go are forgotten by all nodes. */
  | { readonly kind: 'reorganise'; readonly atMs: number; readonly depth: number; readonly losesPercent: number }
  | { readonly kind: 'fees'; readonly atMs: number; readonly forMs: number; readonly rate: number }
  | { readonly kind: 'forget'; readonly atMs: number; readonly count: number }
  | {
      readonly kind: 'machines'
      readonly node: NodeName
      readonly atMs: number
      readonly what: 'exit' | 'out-of-memory' | 'vanish' | 'lie'
    }
  | { readonly kind: 'driver-hangs'; readonly node: NodeName; readonly atMs: number; readonly forMs: number }
  | { readonly kind: 'clock'; readonly node: NodeName; readonly atMs: number; readonly byMs: number }

/** `names-false-ends`: it says that the time is over, the capacity used, or a pause too long. */
export const PROVIDERS_OWN = [
  'over-bills',
  'lies-in-receipt',
  'never-serves',
  'closes-old',
  'names-false-ends',
] as const
/** `double-spends`: what it locked in a channel it gives back to itself, before that is in a block. */
export const PUBLISHERS_OWN = ['signs-no-more', 'double-spends'] as const
/** What it says comes twice, in another order, or not as it was meant. */
export const ANYBODYS = ['repeats', 'swaps', 'garbles'] as const

/** How a node that breaks the rules does it. `after`: so many ticks, vouchers, seconds or messages go well before. */
export type Hostility = {
  readonly node: NodeName
  readonly kind: (typeof PROVIDERS_OWN)[number] | (typeof PUBLISHERS_OWN)[number] | (typeof ANYBODYS)[number]
  readonly after: number
}

/** All that a world is made of and that happens to it; the rest the seed's dice decide. */
export type Plan = {
  readonly seed: string
  readonly minutes: number
  readonly publishers: number
  readonly providers: number
  readonly rents: readonly Rent[]
  readonly troubles: readonly Trouble[]
  readonly hostile: readonly Hostility[]
}

export type PlanOptions = {
  readonly seed: string
  readonly minutes?: number
  readonly leases?: number
}

const USUAL_MINUTES = 0.7

/** The world of a seed. */
export const planOf = ({ seed, minutes = USUAL_MINUTES, leases }: PlanOptions): Plan => {
  const dice = new Dice(`plan ${seed}`)
  // Small worlds, of which many are run, unless somebody asks for a large one.
  const publishers = leases === undefined ? dice.pick([1, 1, 2]) : dice.int(2, Math.max(2, Math.ceil(leases / 20)))
  const providers = leases === undefined ? dice.pick([1, 1, 2, 2, 3]) : dice.int(3, Math.max(3, Math.ceil(leases / 10)))
  const lastMs = minutes * 60_000
  const named = {
    publishers: Array.from({ length: publishers }, (_, i): NodeName => `publisher-${i}`),
    providers: Array.from({ length: providers }, (_, i): NodeName => `provider-${i}`),
  }
  const asking = new Dice(`asks ${seed}`)
  const rents = Array.from({ length: leases ?? dice.int(1, 2) }, () => {
    const rent = rentOf(dice, named.publishers, lastMs)
    return { ...rent, ...askedOf(asking, rent, lastMs) }
  })
  // One in five is a world in which nothing goes wrong: there every end has to be an ordinary one.
  const most = dice.chance(0.2) ? 0 : Math.ceil(minutes * 6)
  const troubles = Array.from({ length: dice.int(0, most) }, () => troubleOf(dice, named, lastMs))
  const hostile = dice.chance(0.2) ? [hostilityOf(dice, named)] : []
  return { seed, minutes, publishers, providers, rents, troubles, hostile }
}

type Named = { readonly publishers: readonly NodeName[]; readonly providers: readonly NodeName[] }

const rentOf = (dice: Dice, publishers: readonly NodeName[], lastMs: number): Rent => {
  const atMs = dice.int(0, lastMs / 3)
  const stopAtMs = atMs + dice.int(3_000, Math.max(4_000, lastMs - atMs))
  const by = dice.chance(0.8) ? 'publisher' : 'provider'
  return {
    publisher: dice.pick(publishers),
    atMs,
    count: dice.chance(0.15) ? 2 : 1,
    tickMs: dice.pick([500, 1_000, 1_000, 2_000]),
    capacitySats: BigInt(dice.pick([3_000, 10_000, 100_000])),
    maxDurationMs: dice.pick([10_000, 60_000, 600_000]),
    dataGraceMs: dice.pick([0, 0, 2_000, 10_000]),
    ceilingPercent: dice.pick([70, 85, 95, 150, 300]),
    ...(dice.chance(0.15) ? { mostSats: BigInt(dice.pick([5_000, 20_000, 200_000])) } : {}),
    ...(dice.chance(0.2) ? { topUps: topUpsOf(dice, atMs, lastMs) } : {}),
    ...(dice.chance(0.8) ? { stop: { atMs: stopAtMs, by } } : {}),
  }
}

const topUpsOf = (dice: Dice, atMs: number, lastMs: number): NonNullable<Rent['topUps']> =>
  Array.from({ length: dice.int(1, 3) }, () => ({
    atMs: dice.int(atMs + 2_000, Math.max(atMs + 3_000, lastMs)),
    sats: BigInt(dice.pick([1_000, 2_000, 5_000, 50_000])),
  }))

const KINDS: readonly Trouble['kind'][] = [
  'kill',
  'kill',
  'kill-at-write',
  'kill-at-write',
  'kill-at-write',
  'stall',
  'partition',
  'partition',
  'cut',
  'cut',
  'flip',
  'slow-network',
  'disk-full',
  'disk-slow',
  'chain-away',
  'chain-away-at',
  'reorganise',
  'reorganise',
  'fees',
  'forget',
  'machines',
  'driver-hangs',
  'clock',
  'clock',
]

const troubleOf = (dice: Dice, { publishers, providers }: Named, lastMs: number): Trouble => {
  const atMs = dice.int(0, lastMs)
  const node = dice.pick([...publishers, ...providers])
  const provider = dice.pick(providers)
  const pair: Pair = [dice.pick(publishers), provider]
  const forMs = dice.pick([500, 3_000, 10_000, 45_000, 90_000])
  const kind = dice.pick(KINDS)
  switch (kind) {
    case 'kill':
      return { kind, node, atMs, downMs: dice.pick([100, 1_000, 5_000, 30_000]) }
    case 'kill-at-write':
      return { kind, node, write: dice.int(8, 120), downMs: dice.pick([100, 1_000, 5_000, 30_000]) }
    case 'stall':
      return { kind, node, atMs, forMs: dice.pick([500, 3_000, 20_000]) }
    case 'partition':
    case 'flip':
      return { kind, pair, atMs, forMs }
    case 'cut':
      return { kind, pair, atMs }
    case 'slow-network':
      return { kind, atMs, forMs, byMs: dice.pick([50, 500, 2_000]) }
    case 'disk-full':
    case 'chain-away':
      return { kind, node, atMs, forMs }
    case 'chain-away-at':
      return { kind, node: provider, message: dice.pick(['funded', 'topped-up']), forMs }
    case 'disk-slow':
      return { kind, node, atMs, forMs, byMs: dice.pick([20, 200, 2_000]) }
    case 'reorganise':
      return { kind, atMs, depth: dice.int(1, 4), losesPercent: dice.pick([0, 0, 50, 100]) }
    case 'fees':
      return { kind, atMs, forMs, rate: dice.pick([3, 10, 40]) }
    case 'forget':
      return { kind, atMs, count: dice.int(1, 3) }
    case 'machines':
      return { kind, node: provider, atMs, what: dice.pick(['exit', 'out-of-memory', 'vanish', 'lie']) }
    case 'driver-hangs':
      return { kind, node: provider, atMs, forMs }
    case 'clock':
      return { kind, node, atMs, byMs: dice.pick([-3_600_000, -20_000, -1_500, 1_500, 20_000, 3_600_000]) }
  }
}

const hostilityOf = (dice: Dice, { publishers, providers }: Named): Hostility => {
  const after = dice.int(1, 6)
  const node = dice.pick([dice.pick(publishers), dice.pick(providers)])
  const own = node.startsWith('publisher') ? PUBLISHERS_OWN : PROVIDERS_OWN
  return { node, kind: dice.pick([...own, ...ANYBODYS]), after }
}
