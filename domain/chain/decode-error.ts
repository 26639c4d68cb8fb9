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
  /** A peer message of another network. */
  | 'wrong-magic'
  /** The name of a peer message that is not letters and digits filled up with zeros. */
  | 'bad-command'
  /** An address whose length is not that of its network (BIP 155). */
  | 'bad-address'

/** Untrusted bytes are not what they should be. Every decoder of `domain/chain` throws this and nothing else. */
export class DecodeError extends Error {
  readonly code: DecodeErrorCode
  constructor(code: DecodeErrorCode, message: string = code) {
    super(message)
    this.name = 'DecodeError'
    this.code = code
  }
}
