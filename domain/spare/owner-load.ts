/** A look at the host: what its owner does beside the leases. Shares of 1. */
export type LoadSample = {
  readonly cores: number
  /** Cores that were busy with something else than leases, on average since the look before. */
  readonly ownerCores: number
  /** Of the time in which something waited for memory (PSI, `some`), and of memory that is still to be had. */
  readonly memoryStall: number
  readonly memoryFree: number
}

/** What is wanted of all leases together: run as agreed, on so many cores, not at all, or be gone. */
export type Want =
  | { readonly kind: 'run' }
  | { readonly kind: 'shrink'; readonly cores: number }
  | { readonly kind: 'pause'; readonly code: 'owner-busy' | 'memory-short' }
  | { readonly kind: 'end' }

/** What was wanted last, and for how many looks in a row something else was seen. */
export type LoadState = {
  readonly want: Want
  readonly stricter: number
  readonly milder: number
  /** Looks in a row at which memory was short although all leases stood still. */
  readonly shortFor: number
}

export const CALM: LoadState = { want: { kind: 'run' }, stricter: 0, milder: 0, shortFor: 0 }

/**
 * Shares of the cores from which the owner is in need of them. Both are below what the kernel gives an owner with a single busy thread
 * beside leases that burn all cores of equal weight (C / (C + 1) cores): above that, a threshold would never be reached.
 */
export const SHRINK_FROM = 0.1
export const PAUSE_FROM = 0.25
/** Looks in a row: an owner is given way to quickly, and leases come back slowly. */
export const STRICTER_AFTER = 2
export const MILDER_AFTER = 10
/** A machine that stands still keeps its memory: after so many looks it has to go. */
export const END_AFTER = 30
const STALL_FROM = 0.1
const FREE_BELOW = 0.05

/** What one look alone asks for. */
export const wantOf = ({ cores, ownerCores, memoryStall, memoryFree }: LoadSample): Want => {
  if (memoryStall >= STALL_FROM || memoryFree < FREE_BELOW) return { kind: 'pause', code: 'memory-short' }
  const share = ownerCores / cores
  if (share < SHRINK_FROM) return { kind: 'run' }
  const left = Math.floor(cores - ownerCores)
  return share >= PAUSE_FROM || left < 1 ? { kind: 'pause', code: 'owner-busy' } : { kind: 'shrink', cores: left }
}

/** How little leases get by it: 0 nothing. */
const roomOf = (want: Want): number => {
  switch (want.kind) {
    case 'run':
      return Number.POSITIVE_INFINITY
    case 'shrink':
      return want.cores
    case 'pause':
    case 'end':
      return 0
  }
}

const isShort = (want: Want): boolean => want.kind === 'pause' && want.code === 'memory-short'

/** The state after a further look. */
export const look = (before: LoadState, sample: LoadSample): LoadState => {
  const seen = wantOf(sample)
  const stood = roomOf(before.want) === 0
  const shortFor = isShort(seen) && stood ? before.shortFor + 1 : 0
  if (shortFor >= END_AFTER) return { want: { kind: 'end' }, stricter: 0, milder: 0, shortFor }
  const [now, next] = [roomOf(before.want), roomOf(seen)]
  const stricter = next < now ? before.stricter + 1 : 0
  const milder = next > now ? before.milder + 1 : 0
  const isDue = stricter >= STRICTER_AFTER || milder >= MILDER_AFTER || (stood && isShort(seen))
  return isDue ? { want: seen, stricter: 0, milder: 0, shortFor } : { want: before.want, stricter, milder, shortFor }
}
