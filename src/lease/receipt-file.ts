import { z } from 'zod'
import { MAX_TOP_UPS } from '../../domain/channel/legs.ts'
import { Fault } from '../../domain/fault.ts'
import type { ReceiptFile } from '../../domain/lease/receipt-file.ts'
import { PRICE_KEYS } from '../../domain/price.ts'
import { USAGE_KEYS } from '../../domain/usage.ts'
import { channelSchema, receiptSchema, termsSchema } from './messages.ts'

/** 16 channels with the largest funding that is taken, and their close, are half of it. */
export const RECEIPT_FILE_MAX_BYTES = 2 * 1024 * 1024
/** Above what a transaction of a lease can have, bytes. */
const MAX_RAW_BYTES = 100_000

const hex = (least: number, most: number) =>
  z
    .string()
    .min(least * 2)
    .max(most * 2)
    .regex(/^([0-9a-f]{2})*$/, 'bytes in hex')
const signature = hex(64, 64)
const txid = hex(32, 32)
const raw = hex(1, MAX_RAW_BYTES)
const height = z.number().int().min(0).max(499_999_999)

const channel = z.strictObject({
  terms: channelSchema.refine(({ expiryHeight }) => expiryHeight > 0, 'a channel without an expiry'),
  funding: z.strictObject({ txid, vout: z.number().int().min(0).max(65_535), raw, height: height.exactOptional() }),
  voucher: z.strictObject({ paid: z.bigint().min(0n), signature }).exactOptional(),
  spend: z.strictObject({ txid, raw: raw.exactOptional(), height: height.exactOptional() }).exactOptional(),
})

const schema: z.ZodType<ReceiptFile> = z.strictObject({
  version: z.literal(1),
  receipt: receiptSchema,
  publisherSignature: signature.exactOptional(),
  providerSignature: signature.exactOptional(),
  agreed: z
    .strictObject({ terms: termsSchema, publisherSignature: signature, providerSignature: signature })
    .exactOptional(),
  channels: z
    .array(channel)
    .min(1)
    .max(MAX_TOP_UPS + 1),
})

/** Fields that are whole numbers of any size: in files, as over the API, they are strings of digits. */
const WHOLE: ReadonlySet<string> = new Set([
  ...USAGE_KEYS,
  ...PRICE_KEYS,
  ...['pausedDiskGiBHour', 'owedMsat', 'paidSats', 'capacitySats', 'ioBytesPerS', 'netBytesPerS', 'paid'],
])
const DIGITS = /^(?:0|[1-9]\d{0,29})$/

const bad = (why: string): Fault =>
  new Fault('receipt.malformed', `this is no receipt: ${why}`, {
    culprit: 'you',
    next: 'Write one with `zennet lease receipt LEASE -o json > FILE`, and pass it on unchanged.',
  })

/** @throws Fault `receipt.malformed`, `receipt.too-large` */
export const parseReceiptFile = (text: string): ReceiptFile => {
  if (Buffer.byteLength(text) > RECEIPT_FILE_MAX_BYTES) throw tooLarge()
  let value: unknown
  try {
    value = JSON.parse(text, (key, item) =>
      WHOLE.has(key) && typeof item === 'string' && DIGITS.test(item) ? BigInt(item) : item,
    )
  } catch {
    throw bad('not JSON')
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw bad(z.prettifyError(parsed.error).slice(0, 400))
  return parsed.data
}

export const tooLarge = (): Fault =>
  new Fault('receipt.too-large', `a receipt has ${RECEIPT_FILE_MAX_BYTES} bytes at the most`, {
    culprit: 'you',
    next: 'Name the file that `zennet lease receipt LEASE -o json` wrote.',
  })
