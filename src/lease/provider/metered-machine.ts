import type { LeaseCommand } from '../../../domain/lease/commands.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import type { Terms } from '../../../domain/terms.ts'
import { elapsedOf, type UsageVector } from '../../../domain/usage.ts'
import { openUsageMeter, type UsageMeter } from '../../meter/usage-meter.ts'
import type { ProviderParty } from './deps.ts'
import { letIn } from './greeting.ts'

/** A further tick, when there is more to bill than before. */
export const furtherTick = ({ context }: LeaseState, usage: UsageVector, at: number): readonly LeaseCommand[] => {
  const elapsedUs = elapsedOf(usage)
  if (elapsedUs <= elapsedOf(context.usage)) return []
  return [{ kind: 'meter', at, tick: context.tick + 1, usage, elapsedUs }]
}

/** A lease's machine, its shell and its meter: they run together, and stand still together. */
export class MeteredMachine {
  readonly #party: ProviderParty
  readonly #terms: Terms
  readonly #meter: UsageMeter

  /** @param base what was billed before */
  constructor(party: ProviderParty, terms: Terms, base: UsageVector) {
    this.#party = party
    this.#terms = terms
    this.#meter = openUsageMeter({
      counters: () => party.machines.counters(terms.leaseId),
      traffic: () => party.gateway.traffic(terms.leaseId),
      clock: party.clock,
      resources: terms.resources,
      caps: terms.caps,
      base,
    })
  }

  /** Opens the shell and starts the meter. A paused machine stands still: whoever logs in is told. */
  async begin(paused: boolean, context: LeaseState['context']): Promise<void> {
    const { leaseId } = this.#terms
    const { machines } = this.#party
    await (paused ? machines.freeze(leaseId) : machines.thaw(leaseId))
    letIn(this.#party, context)
    await this.#meter.resume(paused)
  }

  /** Usage up to now. */
  sample(): Promise<UsageVector> {
    return this.#meter.sample()
  }

  /** Nothing is used nor counted from here on. @returns the usage until then */
  async stop(): Promise<UsageVector> {
    const usage = await this.#meter.pause()
    await this.#party.machines.freeze(this.#terms.leaseId)
    return usage
  }

  /** The same at the end. A machine that is gone has no counters: what was metered before is all that is billed. */
  async last(before: UsageVector): Promise<UsageVector> {
    const usage = await this.#meter.pause().catch(() => before)
    await this.#party.machines.freeze(this.#terms.leaseId).catch(() => {})
    return usage
  }

  /** Nobody would meter the machine, so it stands still: until the next start, or until the log can be written. */
  async suspend(): Promise<void> {
    const { leaseId } = this.#terms
    await this.#meter.pause().catch(() => undefined)
    await this.#party.machines
      .freeze(leaseId)
      .catch((err) => this.#party.log.warn({ lease: leaseId, err }, 'the machine runs on unmetered'))
  }
}
