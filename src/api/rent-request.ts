import { z } from 'zod'
import { ISOLATIONS } from '../../domain/resources.ts'
import type { AnnouncementRequest, Problem } from './port.ts'
import { problemOf } from './problem.ts'

const KIB = 1_024n
const MIB = KIB * 1_024n
const GIB = MIB * 1_024n
/** 21 million coins. */
const MAX_SATS = 2_100_000_000_000_000n
/** What fits the 48 bits of the record on the chain, in whole sats. */
const MAX_HOURLY_SATS = ((1n << 48n) - 1n) / 1_000n
const DAY_S = 86_400

/** What is asked for when a request does not say. */
export const RENT_DEFAULTS = {
  image: 'zennet/busybox:1',
  cpuMillis: 1_000,
  memoryBytes: 256n * MIB,
  diskBytes: GIB,
  pids: 256,
  isolation: 'none',
  network: 'none',
  count: 1,
  maxHourlySats: 10_000n,
  maxDurationS: 3_600,
  label: '',
  dataGraceS: 10,
  maxPauseS: 3_600,
  tickMs: 1_000,
  expiryBlocks: 144,
  offerWindowMs: 2_000,
} as const

/** The least that a default budget is, sats: a channel must carry its own fees. */
export const MIN_DEFAULT_BUDGET_SATS = 10_000n

/** Keys in the terms of a lease at the most. */
const MAX_KEYS = 16

const int = (min: number, max: number) => z.int().min(min).max(max)
const amount = (min: bigint, max: bigint) => z.bigint().min(min).max(max)
/** One line, no control characters: it goes to people's terminals and into authorized_keys files. */
const line = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^\P{Cc}*$/u, 'expected one line without control characters')

/** An OpenSSH public key, one line: type, base64, comment. */
const PublicKeyLine = z
  .string()
  .max(2_000)
  .regex(
    /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com) [A-Za-z0-9+/]{40,}={0,3}( [\x20-\x7e]*)?$/,
    'expected an OpenSSH public key, as in id_ed25519.pub',
  )

/** Exact bounds of a request; what is absent has a default. */
export const RentInput = z.strictObject({
  image: line(1, 255).default(RENT_DEFAULTS.image),
  cpuMillis: int(10, 256_000).default(RENT_DEFAULTS.cpuMillis),
  memoryBytes: amount(4n * MIB, 4_096n * GIB).default(RENT_DEFAULTS.memoryBytes),
  diskBytes: amount(MIB, 65_535n * GIB).default(RENT_DEFAULTS.diskBytes),
  pids: int(4, 1_000_000).default(RENT_DEFAULTS.pids),
  isolation: z.enum(ISOLATIONS).default(RENT_DEFAULTS.isolation),
  network: z.enum(['none', 'bridge']).default(RENT_DEFAULTS.network),
  count: int(1, 1_000).default(RENT_DEFAULTS.count),
  maxHourlySats: amount(1n, MAX_HOURLY_SATS).default(RENT_DEFAULTS.maxHourlySats),
  budgetSats: amount(1_000n, MAX_SATS).optional(),
  mostSats: amount(1_000n, MAX_SATS).optional(),
  maxDurationS: int(1, 31 * DAY_S).default(RENT_DEFAULTS.maxDurationS),
  authorizedKeys: z.array(PublicKeyLine).max(MAX_KEYS).default([]),
  keepKey: z.boolean().default(false),
  label: line(0, 80).default(RENT_DEFAULTS.label),
  renewUpToS: int(1, 31 * DAY_S).optional(),
  noticeMs: int(0, 31 * DAY_S * 1_000).default(0),
  maxPauseS: int(0, 31 * DAY_S).default(RENT_DEFAULTS.maxPauseS),
  minAvailability: z.number().min(0).max(100).optional(),
  dataGraceS: int(0, 3_600).default(RENT_DEFAULTS.dataGraceS),
  tickMs: int(200, 60_000).default(RENT_DEFAULTS.tickMs),
  expiryBlocks: int(1, 52_560).default(RENT_DEFAULTS.expiryBlocks),
  offerWindowMs: int(0, 600_000).default(RENT_DEFAULTS.offerWindowMs),
})

/** What a request comes with from outside: `cpu` in cores may stand for `cpuMillis`, and null is the same as absent. */
export type RawRequest = Readonly<Record<string, unknown>>

/**
 * A request checked against its bounds, or the problem: each field that is wrong, and what was expected.
 * Budget when absent: `maxHourlySats` for the whole of `maxDurationS`, rounded up, at least `MIN_DEFAULT_BUDGET_SATS`.
 */
export const readRequest = (raw: RawRequest, giveUpAt?: number): AnnouncementRequest | Problem => {
  const present = Object.fromEntries(Object.entries(raw).filter(([, value]) => value != null))
  const { cpu, ...rest } = present
  if (cpu !== undefined && rest['cpuMillis'] !== undefined)
    return problemOf('api.bad-input', 'cpu and cpuMillis are both given: expected one of them')
  const parsed = RentInput.safeParse(typeof cpu === 'number' ? { ...rest, cpuMillis: Math.round(cpu * 1_000) } : rest)
  if (!parsed.success) return problemOf('api.bad-input', explain(parsed.error))
  const it = parsed.data
  const keys = it.authorizedKeys.length + (it.keepKey ? 1 : 0)
  if (keys < 1 || keys > MAX_KEYS)
    return problemOf('api.bad-input', `authorizedKeys: expected 1 to ${MAX_KEYS} with the one of keepKey, not ${keys}`)
  const whole = (it.maxHourlySats * BigInt(it.maxDurationS) + 3_599n) / 3_600n
  const capacitySats = it.budgetSats ?? (whole > MIN_DEFAULT_BUDGET_SATS ? whole : MIN_DEFAULT_BUDGET_SATS)
  if (it.mostSats !== undefined && it.mostSats < capacitySats)
    return problemOf(
      'api.bad-input',
      `mostSats: expected at least the ${capacitySats} sats that are locked at the begin`,
    )
  return {
    body: {
      version: 1,
      label: it.label,
      image: it.image,
      resources: {
        cpuMillis: it.cpuMillis,
        memoryBytes: Number(it.memoryBytes),
        diskBytes: Number(it.diskBytes),
        pids: it.pids,
      },
      isolation: it.isolation,
      machineNetwork: it.network,
      count: it.count,
      maxHourlyMsat: it.maxHourlySats * 1_000n,
      maxDurationMs: it.maxDurationS * 1_000,
      ...(it.minAvailability === undefined ? {} : { minAvailabilityPermille: Math.round(it.minAvailability * 10) }),
    },
    order: {
      authorizedKeys: it.authorizedKeys,
      capacitySats,
      ...(it.mostSats === undefined ? {} : { mostSats: it.mostSats }),
      tickMs: it.tickMs,
      dataGraceMs: it.dataGraceS * 1_000,
      ...(it.renewUpToS === undefined ? {} : { renewUpToMs: it.renewUpToS * 1_000 }),
      ...(it.noticeMs === 0 ? {} : { noticeMs: it.noticeMs }),
      ...(it.maxPauseS === 0 ? {} : { maxPauseMs: it.maxPauseS * 1_000 }),
      offerWindowMs: it.offerWindowMs,
      ...(giveUpAt === undefined ? {} : { giveUpAt }),
    },
    expiryBlocks: it.expiryBlocks,
    ...(it.keepKey ? { keepKey: true } : {}),
  }
}

/** Every wrong field with what was expected of it, on one line. */
export const explain = (error: z.ZodError): string =>
  error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`).join('; ')
