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
  /** What it used while it was paused, on top of the above; absent while it never was. */
  readonly paused?: PausedUsage
}

/** A machine that stands still uses time and disk, and nothing else. */
export type PausedUsage = { readonly wallUs: bigint; readonly diskByteSeconds: bigint }

export const NOT_PAUSED: PausedUsage = { wallUs: 0n, diskByteSeconds: 0n }

/** As a usage has it: nothing where there was no pause, so that the bytes of a lease without one stay what they were. */
export const pausedPart = ({ wallUs, diskByteSeconds }: PausedUsage): Pick<UsageVector, 'paused'> =>
  wallUs === 0n && diskByteSeconds === 0n ? {} : { paused: { wallUs, diskByteSeconds } }

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
export type UsageKey = (typeof USAGE_KEYS)[number]

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

/** All time that went by: served, and paused. */
export const elapsedOf = ({ wallUs, paused = NOT_PAUSED }: Pick<UsageVector, 'wallUs' | 'paused'>): bigint =>
  wallUs + paused.wallUs

export const addUsage = (a: UsageVector, b: UsageVector): UsageVector => {
  const [before, more] = [a.paused ?? NOT_PAUSED, b.paused ?? NOT_PAUSED]
  const wallUs = before.wallUs + more.wallUs
  const diskByteSeconds = before.diskByteSeconds + more.diskByteSeconds
  return { ...mapUsage((key) => a[key] + b[key]), ...pausedPart({ wallUs, diskByteSeconds }) }
}

export const sameUsage = (a: UsageVector, b: UsageVector): boolean => usedNothing(a, b) && samePaused(a, b)

/** Nothing but what a paused machine uses. */
export const usedNothing = (a: UsageVector, b: UsageVector): boolean => USAGE_KEYS.every((key) => a[key] === b[key])

const samePaused = ({ paused: a = NOT_PAUSED }: UsageVector, { paused: b = NOT_PAUSED }: UsageVector): boolean =>
  a.wallUs === b.wallUs && a.diskByteSeconds === b.diskByteSeconds

/** Without what was used while paused. */
export const mapUsage = (of: (key: UsageKey) => bigint): UsageVector =>
  Object.fromEntries(USAGE_KEYS.map((key) => [key, of(key)])) as Record<UsageKey, bigint>

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

/** The most disk that can be used in a pause of `wallUs`. */
export const possibleWhilePaused = ({ diskBytes }: Resources, wallUs: bigint): bigint =>
  (BigInt(diskBytes) * wallUs + US_PER_S - 1n) / US_PER_S

/**
 * Checks a tick against what can be: every counter at least as high as before, and none above what the limits allow for the
 * claimed wall time, nor wall time (paused or not) above `elapsedUs` that really went by for the checker.
 *
 * @param limits `standsStill`: the machine was paused since `before`, so that nothing but time and disk in a pause can have been used
 * @returns what is wrong, or undefined
 */
export const impossibleUsage = (
  before: UsageVector,
  after: UsageVector,
  limits: {
    readonly resources: Resources
    readonly caps: TrafficCaps
    readonly elapsedUs: bigint
    readonly standsStill?: boolean
  },
): string | undefined => {
  if (limits.standsStill && !usedNothing(before, after)) return 'the machine is paused, and was used all the same'
  for (const key of USAGE_KEYS) if (after[key] < before[key]) return `${key} fell from ${before[key]} to ${after[key]}`
  if (elapsedOf(after) > limits.elapsedUs + USAGE_SLACK_US) {
    return `wallUs ${elapsedOf(after)} is more than the ${limits.elapsedUs} that went by`
  }
  const most = possibleUsage(limits.resources, limits.caps, after.wallUs + USAGE_SLACK_US)
  for (const key of USAGE_KEYS)
    if (after[key] > most[key]) return `${key} ${after[key]} is above the possible ${most[key]}`
  return impossiblePause(before, after, limits.resources)
}

const impossiblePause = (
  { paused: before = NOT_PAUSED }: UsageVector,
  { paused: after = NOT_PAUSED }: UsageVector,
  resources: Resources,
): string | undefined => {
  if (after.wallUs < before.wallUs || after.diskByteSeconds < before.diskByteSeconds)
    return 'what was used while paused fell'
  const most = possibleWhilePaused(resources, after.wallUs + USAGE_SLACK_US)
  return after.diskByteSeconds > most
    ? `diskByteSeconds ${after.diskByteSeconds} while paused is above the possible ${most}`
    : undefined
}
