import { acceptedFacts } from '../../../../domain/accepts.ts'
import type { Edge, Level } from '../../../../domain/chart-graph.ts'
import type { LeaseState } from '../../../../domain/lease/lease.ts'
import type { Entry } from '../entry.ts'

/** The innermost state, by the keys that lead to it: `meter.flowing`. */
export const leafOf = ({ value }: LeaseState): string => {
  const keys: string[] = []
  let inner: unknown = value
  while (typeof inner === 'object' && inner !== null) {
    const [key, next] = Object.entries(inner)[0]!
    keys.push(key)
    inner = next
  }
  return [...keys, String(inner)].join('.')
}

/** A state is on when it or one inside of it is. */
export const isWithin = (leaf: string, state: string): boolean => leaf === state || leaf.startsWith(`${state}.`)

export const edgesIn = ({ boxes, edges }: Level): readonly Edge[] => [
  ...edges,
  ...boxes.flatMap(({ inner }) => (inner ? edgesIn(inner) : [])),
]

/** Facts that lead along an edge from where the lease is now. */
export const nextOn = ({ ways }: Edge, state: LeaseState): readonly string[] => {
  const leaf = leafOf(state)
  const accepted = acceptedFacts(state)
  return ways.filter(({ fact, from }) => isWithin(leaf, from) && accepted.includes(fact)).map(({ fact }) => fact)
}

/** A step from one state into another, and the fact that made it. */
export type Step = {
  readonly from: string
  readonly to: string
  readonly fact: string
  readonly at: number
  readonly version: number
}

/** Every change of state so far. @param states one more than the entries */
export const stepsOf = (entries: readonly Entry[], states: readonly LeaseState[], upTo: number): readonly Step[] => {
  const steps: Step[] = []
  for (let i = 0; i < upTo; i++) {
    const [before, after] = [states[i]!, states[i + 1]!]
    // Facts that stay share the place in the chart, so most of them cost one look.
    if (before.value === after.value) continue
    const [from, to] = [leafOf(before), leafOf(after)]
    const { fact, version } = entries[i]!
    if (from !== to) steps.push({ from, to, fact: fact.type, at: fact.at, version })
  }
  return steps
}

export const isTaken = ({ to, ways }: Edge, steps: readonly Step[]): boolean =>
  steps.some((step) =>
    ways.some(({ fact, from }) => fact === step.fact && isWithin(step.from, from) && isWithin(step.to, to)),
  )
