/** How strongly a machine is kept apart from its host. A publisher may require at least one of them; the order is in `ISOLATIONS`. */
export type Isolation = 'none' | 'namespace' | 'container' | 'vm'

/** From the weakest to the strongest. */
export const ISOLATIONS: readonly Isolation[] = ['none', 'namespace', 'container', 'vm']

/** The hard limits of a machine: what a publisher asks for and a provider guarantees. */
export type Resources = {
  /** Thousandths of a CPU core. */
  readonly cpuMillis: number
  readonly memoryBytes: number
  readonly diskBytes: number
  readonly pids: number
}

/** Its fields. */
export const SIZES = ['cpuMillis', 'memoryBytes', 'diskBytes', 'pids'] as const
