import { closeSync, openSync, readSync } from 'node:fs'

/** Program header type of the loader's path. Source: System V ABI, "Program Header", PT_INTERP. */
const PT_INTERP = 3
/** Headers and the loader's path of any binary in use lie within its first page or two. */
const HEAD_BYTES = 65_536

const head = (file: string): Buffer => {
  const bytes = Buffer.alloc(HEAD_BYTES)
  const descriptor = openSync(file, 'r')
  try {
    return bytes.subarray(0, readSync(descriptor, bytes, 0, HEAD_BYTES, 0))
  } finally {
    closeSync(descriptor)
  }
}

/**
 * How a 64-bit little-endian ELF program is loaded: `static` (needs nothing) or the path of its loader.
 * `undefined` when the file is no such program.
 */
export const loaderOf = (file: string): string | undefined => {
  const bytes = head(file)
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) return undefined
  const table = Number(bytes.readBigUInt64LE(32))
  const entrySize = bytes.readUInt16LE(54)
  for (let index = 0; index < bytes.readUInt16LE(56); index += 1) {
    const entry = table + index * entrySize
    if (entry + 40 > bytes.length) return undefined
    if (bytes.readUInt32LE(entry) !== PT_INTERP) continue
    const offset = Number(bytes.readBigUInt64LE(entry + 8))
    const size = Number(bytes.readBigUInt64LE(entry + 32))
    return bytes
      .subarray(offset, offset + size)
      .toString('latin1')
      .replace(/\0.*$/s, '')
  }
  return 'static'
}
