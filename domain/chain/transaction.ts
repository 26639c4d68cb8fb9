/** Where an output is: txid in display order (reversed hex) and index. */
export type OutPoint = { readonly txid: string; readonly vout: number }

export type TxInput = {
  readonly txid: string
  readonly vout: number
  readonly scriptSig: Uint8Array
  readonly sequence: number
  readonly witness: readonly Uint8Array[]
}

/** `value` in sats. */
export type TxOutput = { readonly value: bigint; readonly script: Uint8Array }

export type Transaction = {
  readonly version: number
  readonly inputs: readonly TxInput[]
  readonly outputs: readonly TxOutput[]
  readonly lockTime: number
}

/** `txid:vout`, the form used as a key and shown to people. */
export const outPointKey = (point: OutPoint): string => `${point.txid}:${point.vout}`
