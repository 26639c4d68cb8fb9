export type DecodeErrorCode =
  /** The bytes end before the value does. */
  | 'truncated'
  /** Bytes are left over after the value. */
  | 'trailing-bytes'
  /** A compact size that a shorter form could hold. */
  | 'non-canonical-size'
  /** A count or length above what any block can hold. */
  | 'oversize'
  /** The witness form was used and every witness is empty. */
  | 'superfluous-witness'
  /** A transaction flag that is not known. */
  | 'unknown-flag'
  /** A script's push is longer than the script. */
  | 'bad-push'
  /** A script number that is too long, or not in its shortest form. */
  | 'bad-script-number'
  /** A signature that is not strict DER (BIP 66). */
  | 'bad-der'

/** Untrusted bytes are not what they should be. Every decoder of `domain/chain` throws this and nothing else. */
export class DecodeError extends Error {
  readonly code: DecodeErrorCode
  constructor(code: DecodeErrorCode, message: string = code) {
    super(message)
    this.name = 'DecodeError'
    this.code = code
  }
}
