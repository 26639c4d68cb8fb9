import { utf8ToBytes } from '@noble/hashes/utils.js'
import { MAX_TOP_UPS } from '../channel/legs.ts'
import { Fault } from '../fault.ts'
import { hexOf, list, oneOf, optional, record, type Shape, ShapeError, whole } from '../shape.ts'
import type { ReceiptChannel, ReceiptFile } from './receipt-file.ts'
import { channelTerms, MAX_HEIGHT, receipt, sats, signature, terms, txid, vout } from './shapes.ts'

/** 16 channels with the largest funding that is taken, and their close, are half of it. */
export const RECEIPT_FILE_MAX_BYTES = 2 * 1024 * 1024
/** Above what a transaction of a lease can have, bytes. */
const MAX_RAW_BYTES = 100_000

const raw = hexOf(1, MAX_RAW_BYTES)
const height = whole(0, MAX_HEIGHT)

const channel: Shape<ReceiptChannel> = record<ReceiptChannel>({
  terms: channelTerms,
  funding: record<ReceiptChannel['funding']>({ txid, vout, raw, height: optional(height) }),
  voucher: optional(record<NonNullable<ReceiptChannel['voucher']>>({ paid: sats, signature })),
  spend: optional(record<NonNullable<ReceiptChannel['spend']>>({ txid, raw: optional(raw), height: optional(height) })),
})

const file: Shape<ReceiptFile> = record<ReceiptFile>({
  version: oneOf(1),
  receipt,
  publisherSignature: optional(signature),
  providerSignature: optional(signature),
  agreed: optional(
    record<NonNullable<ReceiptFile['agreed']>>({ terms, publisherSignature: signature, providerSignature: signature }),
  ),
  channels: list(channel, 1, MAX_TOP_UPS + 1),
})

const bad = (why: string): Fault =>
  new Fault('receipt.malformed', `this is no receipt: ${why}`, {
    culprit: 'you',
    next: 'Write one with `zennet lease receipt LEASE -o json > FILE`, and pass it on unchanged.',
  })

export const tooLarge = (): Fault =>
  new Fault('receipt.too-large', `a receipt has ${RECEIPT_FILE_MAX_BYTES} bytes at the most`, {
    culprit: 'you',
    next: 'Name the file that `zennet lease receipt LEASE -o json` wrote.',
  })

/** A receipt of anybody, refused whole unless all of it is as it should be. @throws Fault `receipt.malformed`, `receipt.too-large` */
export const parseReceiptFile = (text: string): ReceiptFile => {
  if (utf8ToBytes(text).length > RECEIPT_FILE_MAX_BYTES) throw tooLarge()
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw bad('not JSON')
  }
  try {
    return file(value, '')
  } catch (error) {
    throw error instanceof ShapeError ? bad(error.message) : error
  }
}
