import { writeFileSync } from 'node:fs'

/** So many that what leases and node use themselves is next to nothing of it. */
export const HOST_CORES = 64
/** What its owner keeps busy so that leases run as agreed, shrink, and stand still. */
export const OWNER = { away: 0, works: 10, busy: 40 } as const

/** Tells a provider's `owned-daemon.ts` what the owner of its host does from now on. */
export const ownerIs = (file: string, does: keyof typeof OWNER): void => writeFileSync(file, String(OWNER[does]))
