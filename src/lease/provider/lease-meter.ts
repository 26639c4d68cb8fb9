import type { Terms } from '../../../domain/terms.ts'
import type { UsageVector } from '../../../domain/usage.ts'
import { openUsageMeter, type UsageMeter } from '../../meter/usage-meter.ts'
import type { ProviderParty } from './deps.ts'

/** What a lease's machine uses, within its terms. @param base what was billed before */
export const leaseMeter = ({ machines, gateway, clock }: ProviderParty, terms: Terms, base: UsageVector): UsageMeter =>
  openUsageMeter({
    counters: () => machines.counters(terms.leaseId),
    traffic: () => gateway.traffic(terms.leaseId),
    clock,
    resources: terms.resources,
    caps: terms.caps,
    base,
  })
