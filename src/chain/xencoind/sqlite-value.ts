import type { OutPoint } from '../../../domain/chain/transaction.ts'

/** A 32-byte hash in display order, as the tables keep it. */
export const hashBlob = (hash: string): Uint8Array => Buffer.from(hash, 'hex')

export const blobHash = (blob: unknown): string => {
  const bytes = blob as Uint8Array
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/** Accumulated work as 32 big-endian bytes: sorts as the number does. */
export const workBlob = (work: bigint): Uint8Array => Buffer.from(work.toString(16).padStart(64, '0'), 'hex')

export const blobWork = (blob: unknown): bigint => BigInt(`0x${blobHash(blob)}`)

/** An `outPointKey` back to its parts. */
export const outPointOf = (key: string): OutPoint => ({ txid: key.slice(0, 64), vout: Number(key.slice(65)) })
