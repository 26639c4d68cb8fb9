import type { NodeName, Trouble } from '../plan.ts'
import type { World } from '../world.ts'

/** Whom a trouble comes over; all, when it is of the network or the chain. */
const concerns = (trouble: Trouble, node: NodeName): boolean =>
  'node' in trouble ? trouble.node === node : 'pair' in trouble ? trouble.pair.includes(node) : true

/** The plan has troubles of these kinds that concern a node. */
export const hasTrouble = ({ plan }: World, node: NodeName, kinds: readonly Trouble['kind'][]): boolean =>
  plan.troubles.some((trouble) => kinds.includes(trouble.kind) && concerns(trouble, node))

/** How long a node cannot act in all, by the plan, ms: what it could have done in that time it may do later. */
export const awayMs = ({ plan }: World, node: NodeName, kinds: readonly Trouble['kind'][]): number => {
  let ms = 0
  for (const trouble of plan.troubles) {
    if (!kinds.includes(trouble.kind) || !concerns(trouble, node)) continue
    if ('downMs' in trouble) ms += trouble.downMs + RESTART_MS
    if ('forMs' in trouble) ms += trouble.forMs
  }
  return ms
}

/** For a start, its failures included. */
const RESTART_MS = 10_000

export const isHostile = ({ plan }: World, node: NodeName | undefined): boolean =>
  plan.hostile.some((one) => one.node === node)
