import type { PauseCode } from '../../domain/lease/pauses.ts'
import { CALM, type LoadSample, look, type Want } from '../../domain/spare/owner-load.ts'
import type { Clock } from '../clock/port.ts'
import type { Log } from '../log/port.ts'

/** How often the host is looked at, ms. */
export const LOOK_MS = 1_000

/** A lease that this provider serves. */
export type Tenant = {
  readonly leaseId: string
  /** Agreed, thousandths of a core. */
  readonly cpuMillis: number
  pause(code: PauseCode, paused: boolean): void
  stop(): void
}

export type SpareCyclesOptions = {
  readonly clock: Clock
  readonly log: Log
  /** Undefined: there is nothing to compare with yet. */
  readonly sample: () => Promise<LoadSample | undefined>
  readonly tenants: () => Promise<readonly Tenant[]>
  readonly shrink: (leaseId: string, cpuMillis: number) => Promise<void>
}

/** Thousandths of a core that a lease gets: all leases give up the same part. */
export const shareOf = (cpuMillis: number, want: Want, cores: number): number =>
  want.kind === 'shrink' ? Math.max(1, Math.floor((cpuMillis * want.cores) / cores)) : cpuMillis

/**
 * Gives the host back to its owner: leases get fewer CPUs, stand still, or are ended, by what is seen there. What is wanted is said
 * again at each look, so that a lease that came meanwhile, and one whose process was restarted, get it too.
 */
export class SpareCycles {
  readonly #options: SpareCyclesOptions
  readonly #given = new Map<string, number>()
  #state = CALM

  constructor(options: SpareCyclesOptions) {
    this.#options = options
  }

  get want(): Want {
    return this.#state.want
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options
    for (;;) {
      await clock.sleep(LOOK_MS, signal)
      await this.#lookOnce().catch((err) => log.warn({ err }, 'the owner’s load could not be looked at'))
    }
  }

  async #lookOnce(): Promise<void> {
    const { log, sample, tenants } = this.#options
    const seen = await sample()
    if (seen === undefined) return
    const before = this.#state.want
    this.#state = look(this.#state, seen)
    const { want } = this.#state
    if (want !== before) log.info({ want, seen }, 'spare cycles')
    const all = await tenants()
    for (const tenant of all) await this.#give(tenant, want, seen.cores)
    for (const leaseId of this.#given.keys())
      if (!all.some((one) => one.leaseId === leaseId)) this.#given.delete(leaseId)
  }

  async #give(tenant: Tenant, want: Want, cores: number): Promise<void> {
    if (want.kind === 'end') return tenant.stop()
    for (const code of ['owner-busy', 'memory-short'] as const)
      tenant.pause(code, want.kind === 'pause' && want.code === code)
    const { leaseId, cpuMillis } = tenant
    const share = shareOf(cpuMillis, want, cores)
    if ((this.#given.get(leaseId) ?? cpuMillis) === share) return
    await this.#options.shrink(leaseId, share)
    this.#given.set(leaseId, share)
  }
}
