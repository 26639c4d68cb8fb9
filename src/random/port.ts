/** The only source of randomness. */
export interface Random {
  /** `count` bytes fit for keys and nonces. */
  bytes(count: number): Uint8Array
}
