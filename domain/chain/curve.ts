/**
 * Signatures on secp256k1. The reference adapter is `@noble/secp256k1`; the native one is proven equal to it.
 * Never throws on bad signatures or keys in `verify*`: the answer is false.
 */
export interface Curve {
  /** Which engine runs, for `doctor` and the log. */
  readonly engine: string
  /** Compressed public key, 33 bytes. */
  publicKey(secret: Uint8Array): Uint8Array
  /** ECDSA, RFC 6979 nonce, low S (BIP 62). @returns 64 bytes, compact r‖s */
  signEcdsa(digest: Uint8Array, secret: Uint8Array): Uint8Array
  /** Compact 64-byte signature; a high S is refused. `publicKey` is 33 or 65 bytes. */
  verifyEcdsa(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean
  /** BIP 340. `aux` is 32 fresh random bytes. @returns 64 bytes */
  signSchnorr(message: Uint8Array, secret: Uint8Array, aux: Uint8Array): Uint8Array
  /** BIP 340; `publicKey` is x-only, 32 bytes. */
  verifySchnorr(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
  /**
   * Whether `output` is the x of `internal` + `tweak`·G and that point's y is odd exactly where `odd` says so (BIP 341).
   * All three are 32 bytes; false where one is no point or no scalar.
   */
  isTweaked(output: Uint8Array, odd: boolean, internal: Uint8Array, tweak: Uint8Array): boolean
}
