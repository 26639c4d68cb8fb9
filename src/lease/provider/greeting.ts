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

/** What a tenant sees who opens a terminal: which machine this is, what it costs, and until when. Data does not outlive it. */
export const greetingOf = (
  terms: Terms,
  { usage, notice }: Pick<LeaseState['context'], 'usage' | 'notice'>,
  now: number,
): string => {
  const { leaseId, image, isolation, resources, price, maxDurationMs, dataGraceMs } = terms
  const atLatest = now + Math.max(0, maxDurationMs - Number(usage.wallUs / 1_000n))
  const isNoticed = notice?.endsAt !== undefined && notice.endsAt < atLatest
  const until = new Date(isNoticed ? notice.endsAt : atLatest).toISOString().slice(0, 16).replace('T', ' ')
  const why = isNoticed ? `, as the ${notice.by} announced` : ' at the latest'
  return [
    `Zennet lease ${leaseId}`,
    `  machine  ${image}, ${resources.cpuMillis / 1_000} cores, ${grouped(Math.floor(resources.memoryBytes / MIB))} MiB memory, ${grouped(Math.floor(resources.diskBytes / MIB))} MiB disk, isolation ${isolation}`,
    `  price    at most ${grouped(hourlyMsat(price, resources) / 1_000n)} sats an hour, by the second, for what is used`,
    `  until    ${until} UTC${why}; data is gone ${dataGraceMs / 1_000} s after the end`,
    '',
    '',
  ].join('\n')
}
