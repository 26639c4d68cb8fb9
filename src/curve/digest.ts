/**
 * RFC 6979 reduces the digest by the curve's order before it makes the nonce; libsecp256k1 does not. Both signatures are good, but equal
 * inputs shall give equal bytes on every engine, so the one digest in 2^32 that may be above the order goes to noble.
 */
export const mayExceedOrder = (digest: Uint8Array): boolean =>
  digest[0] === 0xff && digest[1] === 0xff && digest[2] === 0xff && digest[3] === 0xff
