const UNCOMPRESSED = 0x04

/**
 * A public key in a form that every engine parses: 33 bytes (02, 03), or 65 bytes with prefix 04. The old hybrid form (06, 07: uncompressed
 * with the parity of y in the prefix) stays legal in Bitcoin's pre-segwit scripts, so it is understood and made 04.
 *
 * @returns undefined when length, prefix or parity is wrong; whether the point is on the curve is for the engine to say
 */
export const parsablePublicKey = (key: Uint8Array): Uint8Array | undefined => {
  const prefix = key[0]
  if (key.length === 33) return prefix === 0x02 || prefix === 0x03 ? key : undefined
  if (key.length !== 65) return undefined
  if (prefix === UNCOMPRESSED) return key
  if (prefix !== 0x06 && prefix !== 0x07) return undefined
  if ((key[64]! & 1) !== (prefix & 1)) return undefined
  const plain = Uint8Array.from(key)
  plain[0] = UNCOMPRESSED
  return plain
}
