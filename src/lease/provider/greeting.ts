import { hourlyMsat } from '../../../domain/price.ts'
import type { Terms } from '../../../domain/terms.ts'

const MIB = 1_048_576
/** Thousands apart, whatever the host's language is. */
const grouped = (value: bigint | number): string => value.toString().replaceAll(/\B(?=(\d{3})+$)/g, ',')

/** What a tenant sees who opens a terminal: which machine this is, what it costs, and until when. Data does not outlive it. */
export const greetingOf = (terms: Terms, now: number, usedUs: bigint): string => {
  const { leaseId, image, isolation, resources, price, maxDurationMs, dataGraceMs } = terms
  const until = new Date(now + Math.max(0, maxDurationMs - Number(usedUs / 1_000n)))
  return [
    `Zennet lease ${leaseId}`,
    `  machine  ${image}, ${resources.cpuMillis / 1_000} cores, ${grouped(Math.floor(resources.memoryBytes / MIB))} MiB memory, ${grouped(Math.floor(resources.diskBytes / MIB))} MiB disk, isolation ${isolation}`,
    `  price    at most ${grouped(hourlyMsat(price, resources) / 1_000n)} sats an hour, by the second, for what is used`,
    `  until    ${until.toISOString().slice(0, 16).replace('T', ' ')} UTC at the latest; data is gone ${dataGraceMs / 1_000} s after the end`,
    '',
    '',
  ].join('\n')
}
