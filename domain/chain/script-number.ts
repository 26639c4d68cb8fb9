import { DecodeError } from './decode-error.ts'

/** Little-endian with a sign bit, shortest form; zero is no bytes (Bitcoin Core's CScriptNum). */
export const encodeScriptNumber = (value: bigint): Uint8Array => {
  const bytes: number[] = []
  for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 8n) bytes.push(Number(rest & 0xffn))
  const last = bytes.at(-1)
  if (last === undefined) return new Uint8Array(0)
  const sign = value < 0n ? 0x80 : 0
  if ((last & 0x80) !== 0) bytes.push(sign)
  else bytes[bytes.length - 1] = last | sign
  return Uint8Array.from(bytes)
}

/**
 * @param mostBytes 4 in arithmetic, 5 for lock times
 * @param minimal refuse what a shorter form could hold (MINIMALDATA)
 * @throws DecodeError `bad-script-number`
 */
export const decodeScriptNumber = (bytes: Uint8Array, mostBytes = 4, minimal = true): bigint => {
  const last = bytes.at(-1)
  if (last === undefined) return 0n
  if (bytes.length > mostBytes) throw new DecodeError('bad-script-number', 'too long')
  if (minimal && (last & 0x7f) === 0 && ((bytes.at(-2) ?? 0) & 0x80) === 0) {
    throw new DecodeError('bad-script-number', 'not minimal')
  }
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  const signBit = 1n << BigInt(bytes.length * 8 - 1)
  return (value & signBit) !== 0n ? -(value ^ signBit) : value
}
