import { z } from 'zod'
import { SHELL_USER } from '../../domain/ids.ts'
import type { ShellAddress } from '../../domain/lease/facts.ts'
import type { PriceVector } from '../../domain/price.ts'
import type { UsageVector } from '../../domain/usage.ts'

// What messages, terms and receipts are made of, each within bounds: all of it comes from a stranger.

export const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`), `${bytes} bytes in hex`)
export const hexUpTo = (bytes: number) =>
  z
    .string()
    .max(bytes * 2)
    .regex(/^([0-9a-f]{2})*$/, 'bytes in hex')
export const text = (max: number) => z.string().max(max)
export const whole = (max: number) => z.number().int().min(0).max(max)
/** 21 million coins in sats, the most that any amount can be. */
export const MAX_SATS = 2_100_000_000_000_000n
export const sats = z.bigint().min(0n).max(MAX_SATS)
export const msat = z
  .bigint()
  .min(0n)
  .max(MAX_SATS * 1000n)
export const counter = z
  .bigint()
  .min(0n)
  .max(1n << 80n)

export const YEAR_MS = 366 * 24 * 3_600_000
export const MAX_HEIGHT = 499_999_999
export const TIB = 2 ** 40

export const outPointText = z.string().regex(/^[0-9a-f]{64}:\d{1,5}$/)
export const key = hex(33)
export const signature = hex(64)
export const leaseId = hex(16)

export const resources = z.strictObject({
  cpuMillis: z.number().int().min(1).max(1_024_000),
  memoryBytes: z
    .number()
    .int()
    .min(1)
    .max(64 * TIB),
  diskBytes: whole(1024 * TIB),
  pids: z.number().int().min(1).max(4_194_304),
})

export const price: z.ZodType<PriceVector> = z.strictObject({
  startMsat: msat,
  wallHour: msat,
  cpuHour: msat,
  memGiBHour: msat,
  diskGiBHour: msat,
  ioReadGiB: msat,
  ioWriteGiB: msat,
  netRxGiB: msat,
  netTxGiB: msat,
  pausedDiskGiBHour: msat.exactOptional(),
})

export const usage: z.ZodType<UsageVector> = z.strictObject({
  wallUs: counter,
  cpuUs: counter,
  memByteSeconds: counter,
  diskByteSeconds: counter,
  ioReadBytes: counter,
  ioWriteBytes: counter,
  netRxBytes: counter,
  netTxBytes: counter,
  paused: z.strictObject({ wallUs: counter, diskByteSeconds: counter }).exactOptional(),
})

/** Keys of one lease, at the most. */
export const MAX_AUTHORIZED_KEYS = 16
/** One OpenSSH public key on a line: type, base64, comment. */
export const sshPublicKey = z
  .string()
  .max(2_000)
  .regex(/^[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}( [^\n\r]*)?$/, 'an OpenSSH public key')
export const authorizedKeys = z.array(sshPublicKey).min(1).max(MAX_AUTHORIZED_KEYS)

export const shellUserName = z.string().regex(SHELL_USER, 'the name of a user: lower-case letters, digits and -')

export const shell: z.ZodType<ShellAddress> = z.strictObject({ user: shellUserName, hostKey: sshPublicKey })
