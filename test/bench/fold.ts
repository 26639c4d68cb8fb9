import { isRefusal } from '../../domain/fact.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { lease } from '../../domain/lease/lease.ts'
import { leaseFacts } from '../domain/lease/sample.ts'

// How fast a lease's facts fold, by its chart, every fact judged: an illegal one would throw. One core, no journal.

const ROUNDS = 5
const LEASES = 20_000
const TICKS = 8

const one = leaseFacts(1, 'provider') as unknown as Readonly<Record<string, LeaseFact>>
const byType = new Map(Object.values(one).map((fact) => [fact.type, fact]))
const fact = (type: LeaseFact['type']): LeaseFact => byType.get(type)!
const ticks: LeaseFact[] = Array.from({ length: TICKS }, () => [fact('lease.metered'), fact('lease.paid')]).flat()
/** The whole life of a lease, as its log has it. */
const life: LeaseFact[] = [
  ...(['sought', 'matched', 'connected', 'challenged', 'offered', 'agreed', 'provisioned', 'funded'] as const).map(
    (name) => fact(`lease.${name}`),
  ),
  ...ticks,
  ...(['starved', 'paid', 'noticed', 'ended', 'receipted', 'released', 'settled'] as const).map((name) =>
    fact(`lease.${name}`),
  ),
]

const perSecond = (facts: readonly LeaseFact[], times: number): number => {
  const before = process.cpuUsage()
  for (let n = 0; n < times; n++) {
    let state = lease.initial
    for (const each of facts) state = lease.evolve(state, each)
    if (isRefusal(state)) throw new Error('never')
  }
  const { user, system } = process.cpuUsage(before)
  return (times * facts.length * 1e6) / (user + system)
}

const median = (facts: readonly LeaseFact[], times: number): number =>
  Array.from({ length: ROUNDS }, () => perSecond(facts, times)).sort((a, b) => a - b)[ROUNDS >> 1]!

perSecond(life, 1_000)
const opening = life.slice(0, 8)
const line = (what: string, rate: number): string => `| ${what} | ${Math.round(rate)} |`
console.log(
  [
    '| strict fold of the lease chart | facts per CPU second |',
    '|---|---|',
    line(`whole lives of ${life.length} facts`, median(life, LEASES)),
    line('first 8 facts, each another state', median(opening, LEASES * 3)),
  ].join('\n'),
)
