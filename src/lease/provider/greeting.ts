import type { LeaseState } from '../../../domain/lease/lease.ts'
import { hourlyMsat } from '../../../domain/price.ts'
import type { Terms } from '../../../domain/terms.ts'
import type { ProviderParty } from './deps.ts'

/** Lets the tenant in; said again, who comes from then on sees what has changed. */
export const letIn = ({ gateway, clock }: Pick<ProviderParty, 'gateway' | 'clock'>, context: LeaseState['context']) => {
  if (context.terms === undefined) return
  const { leaseId, shell } = context.terms
  const { user, authorizedKeys } = shell
  gateway.grant({ leaseId, user, authorizedKeys, greeting: greetingOf(context.terms, context, clock.now()) })
}

const MIB = 1_048_576
/** Thousands apart, whatever the host's language is. */
const grouped = (value: bigint | number): string => value.toString().replaceAll(/\B(?=(\d{3})+$)/g, ',')

const timeOf = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** A pause counts as no time of the lease, and a notice comes in a pause, too. */
const untilOf = (
  { maxDurationMs, maxPauseMs }: Terms,
  { usage, notice, pauses }: Pick<LeaseState['context'], 'usage' | 'notice' | 'pauses'>,
  now: number,
): string => {
  const leftMs = Math.max(0, maxDurationMs - Number(usage.wallUs / 1_000n))
  const isPaused = pauses.length > 0
  if (notice?.endsAt !== undefined && (isPaused || notice.endsAt < now + leftMs))
    return `${timeOf(notice.endsAt)}, as the ${notice.by} announced`
  if (isPaused)
    return `${Math.ceil(leftMs / 60_000)} min after it goes on: it is paused, ${pauses.map(({ code }) => code).join(', ')}`
  return `${timeOf(now + leftMs)}${maxPauseMs ? ', and later by as long as it is paused' : ' at the latest'}`
}

/** What a tenant sees who opens a terminal: which machine this is, what it costs, and until when. Data does not outlive it. */
export const greetingOf = (
  terms: Terms,
  context: Pick<LeaseState['context'], 'usage' | 'notice' | 'pauses'>,
  now: number,
): string => {
  const { leaseId, image, isolation, resources, price, dataGraceMs } = terms
  return [
    `Zennet lease ${leaseId}`,
    `  machine  ${image}, ${resources.cpuMillis / 1_000} cores, ${grouped(Math.floor(resources.memoryBytes / MIB))} MiB memory, ${grouped(Math.floor(resources.diskBytes / MIB))} MiB disk, isolation ${isolation}`,
    `  price    at most ${grouped(hourlyMsat(price, resources) / 1_000n)} sats an hour, by the second, for what is used`,
    `  until    ${untilOf(terms, context, now)}; data is gone ${dataGraceMs / 1_000} s after the end`,
    '',
    '',
  ].join('\n')
}
