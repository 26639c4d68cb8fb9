/** Another node of the chain. `pingMs`, `lastBlockAt`: absent until there was one. */
export type ChainPeer = {
  readonly id: number
  readonly address: string
  readonly direction: 'inbound' | 'outbound' | 'manual'
  /** As it says itself. */
  readonly userAgent: string
  readonly connectedAt: number
  /** Of the best block that it has shown. */
  readonly height: number
  readonly sentBytes: number
  readonly receivedBytes: number
  readonly pingMs?: number
  readonly lastBlockAt?: number
}

/** With whom an embedded chain speaks. */
export type ChainPeers = {
  /** Where others can call; absent: they cannot. */
  readonly listening?: string
  /** Of the chain with the most work that anybody has shown. */
  readonly bestHeight: number
  readonly knownAddresses: number
  readonly peers: readonly ChainPeer[]
}

/** `spacingS`: intended between blocks. `peers`: absent where the chain is another program’s. */
export type ChainNetwork = { readonly spacingS: number; readonly peers?: ChainPeers }
