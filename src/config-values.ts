import { z } from 'zod'

// Forms of settings that several have.

export const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most)
export const port = whole(0, 65_535)
export const msat = z
  .union([z.bigint(), z.string().regex(/^\d{1,18}$/), z.number().int().min(0)])
  .transform((value) => BigInt(value))
export const sats = z
  .union([z.bigint(), z.string().regex(/^\d{1,16}$/), z.number().int().min(0)])
  .transform((value) => BigInt(value))
export const flag = z
  .union([z.boolean(), z.enum(['true', 'false', '1', '0'])])
  .transform((value) => value === true || value === 'true' || value === '1')
export const list = z
  .union([z.array(z.string()), z.string()])
  .transform((value) =>
    (typeof value === 'string' ? value.split(',') : value).map((item) => item.trim()).filter((item) => item !== ''),
  )
export const MIB = 1_048_576
/** `HOST` or `HOST:PORT`; an IPv6 address with a port stands in brackets. */
export const hostPort = z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9.-]+)(:\d{1,5})?$|^[0-9a-fA-F:.]+$/)
