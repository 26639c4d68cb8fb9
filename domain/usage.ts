import type { Resources } from './resources.ts'

/** What was used since the machine was ready, cumulative: counters never fall. Microseconds, byte·seconds, bytes. */
export type UsageVector = {
  readonly wallUs: bigint
  readonly cpuUs: bigint
  readonly memByteSeconds: bigint
  readonly diskByteSeconds: bigint
  readonly ioReadBytes: bigint
  readonly ioWriteBytes: bigint
  readonly netRxBytes: bigint
  readonly netTxBytes: bigint
}

export const USAGE_KEYS = [
  'wallUs',
  'cpuUs',
  'memByteSeconds',
  'diskByteSeconds',
  'ioReadBytes',
  'ioWriteBytes',
  'netRxBytes',
  'netTxBytes',
] as const satisfies readonly (keyof UsageVector)[]

export const NO_USAGE: UsageVector = {
  wallUs: 0n,
  cpuUs: 0n,
  memByteSeconds: 0n,
  diskByteSeconds: 0n,
  ioReadBytes: 0n,
  ioWriteBytes: 0n,
  netRxBytes: 0n,
  netTxBytes: 0n,
}

export const addUsage = (a: UsageVector, b: UsageVector): UsageVector => mapUsage((key) => a[key] + b[key])

export const sameUsage = (a: UsageVector, b: UsageVector): boolean => USAGE_KEYS.every((key) => a[key] === b[key])

export const mapUsage = (of: (key: keyof UsageVector) => bigint): UsageVector =>
  Object.fromEntries(USAGE_KEYS.map((key) => [key, of(key)])) as UsageVector

const US_PER_S = 1_000_000n

/** How fast traffic may be at the most; agreed in the terms, since bytes have no natural ceiling as CPU has. */
export type TrafficCaps = { readonly ioBytesPerS: bigint; readonly netBytesPerS: bigint }

/** The most that a machine with these limits can use in `wallUs`. */
export const possibleUsage = (resources: Resources, caps: TrafficCaps, wallUs: bigint): UsageVector => {
  const perSecond = (rate: bigint): bigint => (rate * wallUs + US_PER_S - 1n) / US_PER_S
  return {
    wallUs,
    cpuUs: (BigInt(resources.cpuMillis) * wallUs + 999n) / 1000n,
    memByteSeconds: perSecond(BigInt(resources.memoryBytes)),
    diskByteSeconds: perSecond(BigInt(resources.diskBytes)),
    ioReadBytes: perSecond(caps.ioBytesPerS),
    ioWriteBytes: perSecond(caps.ioBytesPerS),
    netRxBytes: perSecond(caps.netBytesPerS),
    netTxBytes: perSecond(caps.netBytesPerS),
  }
}

/** A quota period and a reading are never exactly aligned: this much wall time of slack is allowed on every cumulative counter. */
export const USAGE_SLACK_US = 1_500_000n

/**
 * Checks a tick against what can be: every counter at least as high as before, and none above what the limits allow for the
 * claimed wall time, nor wall time above `elapsedUs` that really went by for the checker.
 * @returns what is wrong, or undefined
 */
export const impossibleUsage = (
  before: UsageVector,
  after: UsageVector,
  limits: { readonly resources: Resources; readonly caps: TrafficCaps; readonly elapsedUs: bigint },
): string | undefined => {
  for (const key of USAGE_KEYS) if (after[key] < before[key]) return `${key} fell from ${before[key]} to ${after[key]}`
  if (after.wallUs > limits.elapsedUs + USAGE_SLACK_US) {
    return `wallUs ${after.wallUs} is more than the ${limits.elapsedUs} that went by`
  }
  const most = possibleUsage(limits.resources, limits.caps, after.wallUs + USAGE_SLACK_US)
  for (const key of USAGE_KEYS)
    if (after[key] > most[key]) return `${key} ${after[key]} is above the possible ${most[key]}`
  return undefined
}
