/** A chain's parameters. Networks differ in data only. */
export type Network = {
  readonly name: 'xencoin-dev' | 'regtest'
  /** First four bytes of each peer message; also keeps signatures of one network from another. */
  readonly magic: number
  /** Human-readable part of bech32 addresses (BIP 173). */
  readonly bech32: string
  /** SLIP 44 coin type in BIP 84 paths. */
  readonly coinType: number
  readonly p2pPort: number
  readonly rpcPort: number
  /** Intended seconds between blocks. */
  readonly spacingS: number
  /** Compact form of the easiest target. */
  readonly powLimitBits: number
  readonly subsidy: bigint
  readonly halvingBlocks: number
  /** Blocks before a coinbase output may be spent. */
  readonly coinbaseMaturity: number
  readonly genesis: {
    readonly time: number
    readonly nonce: number
    readonly bits: number
    readonly version: number
    readonly message: string
    readonly subsidy: bigint
    readonly script: string
  }
  /** Blocks can be made on demand (`generatetoaddress`). */
  readonly minesOnDemand: boolean
}
