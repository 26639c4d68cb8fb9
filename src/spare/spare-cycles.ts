import { SETTLED_MS } from '../../domain/availability/facts.ts'
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
  /** What its log says that it gets for now; undefined: all of it. */
  readonly shrunkTo: number | undefined
  pause(code: PauseCode, paused: boolean): void
  /** Writes down what it gets: the agreed share is all of it. */
  note(cpuMillis: number): Promise<void>
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

/** What a lease gets, and since when (µs, steady) that is not less than agreed. */
type Given = { readonly cpuMillis: number; readonly wholeUs: number }

/** Thousandths of a core that a lease gets: all leases give up the same part. */
export const shareOf = (cpuMillis: number, want: Want, cores: number): number =>
  want.kind === 'shrink' ? Math.max(1, Math.floor((cpuMillis * want.cores) / cores)) : cpuMillis

/**
 * Gives the host back to its owner: leases get fewer CPUs, stand still, or are ended, by what is seen there. What is wanted is said
 * again at each look, so that a lease that came meanwhile, and one whose process was restarted, get it too.
 */
export class SpareCycles {
  readonly #options: SpareCyclesOptions
  readonly #given = new Map<string, Given>()
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
    await this.#shrink(tenant, shareOf(tenant.cpuMillis, want, cores))
  }

  /**
   * What is less is written down first, so that a restart knows of it; what is whole again only when it was so for a while: a load that
   * comes and goes is two facts a minute, and not two for each time.
   */
  async #shrink({ leaseId, cpuMillis, shrunkTo, note }: Tenant, share: number): Promise<void> {
    const nowUs = this.#options.clock.steadyUs()
    const known = this.#given.get(leaseId)
    // After a restart only that it was less is known, and not how little.
    const given = known?.cpuMillis ?? (shrunkTo === undefined ? cpuMillis : undefined)
    const isWhole = share === cpuMillis
    if (!isWhole && shrunkTo === undefined) await note(share)
    if (given !== share) await this.#options.shrink(leaseId, share)
    const wholeUs = isWhole && known?.cpuMillis === share ? known.wholeUs : nowUs
    this.#given.set(leaseId, { cpuMillis: share, wholeUs })
    if (isWhole && shrunkTo !== undefined && nowUs - wholeUs >= SETTLED_MS * 1_000) await note(cpuMillis)
  }
}
