/** Every bound on what peers may take of this node. Times in ms, sizes in bytes. */
export type P2pLimits = {
  /** Peers that this node calls by itself. */
  readonly outbound: number
  /** Peers in all, those that call this node among them. */
  readonly peers: number
  /** From the connection to the last word of the handshake. */
  readonly handshakeMs: number
  readonly dialMs: number
  readonly pingEveryMs: number
  /** A ping, or any other byte, must be answered in this time. */
  readonly pingMs: number
  /** A message that has begun must be whole in this time. */
  readonly messageMs: number
  /** What is queued must get shorter in this time. */
  readonly sendMs: number
  /** What may be queued for a peer; one that lets more gather reads too slowly. */
  readonly sendBytes: number
  /** How often limits are looked after. */
  readonly tickMs: number
  /** How long transactions are gathered before they are announced. */
  readonly announceMs: number
  readonly messagesPerS: number
  readonly messageBurst: number
  /** Of what was not asked for. A peer that sends more is read more slowly. */
  readonly receivedBytesPerS: number
  readonly receivedBurstBytes: number
  /** Of blocks and transactions that a peer asks for. */
  readonly servedBytesPerS: number
  readonly servedBurstBytes: number
  /** Headers without their blocks that a peer may have brought, and all together. About 600 bytes of memory each. */
  readonly headersPerPeer: number
  readonly headersInAll: number
  /** Headers that lead nowhere which a peer may announce in a row. */
  readonly unconnected: number
  readonly headersMs: number
  /** Blocks that are asked of one peer at a time. */
  readonly blocksPerPeer: number
  /** How far ahead of the chain blocks are asked for. */
  readonly blockWindow: number
  /** Of blocks that came before those they build on. */
  readonly heldBytes: number
  /** A peer that was asked for blocks must bring one in this time. */
  readonly blockMs: number
  /** Transactions that a peer may have announced and not brought yet. */
  readonly announcedPerPeer: number
  /** Transactions that are asked of one peer at a time. */
  readonly requestsPerPeer: number
  readonly transactionMs: number
  readonly orphans: number
  readonly orphansPerPeer: number
  readonly orphanBytes: number
  readonly orphanMs: number
  /** Hashes that are remembered of what each peer has. */
  readonly knownPerPeer: number
  /** Hashes of transactions that were refused. */
  readonly refused: number
  /** Addresses taken from a peer in a second, and at once when it was asked for them. */
  readonly addressesPerS: number
  readonly addressBurst: number
  readonly addresses: number
  readonly addressesPerSource: number
  /** Between two calls of one address: doubled each time from the first to the second. */
  readonly retryLeastMs: number
  readonly retryMostMs: number
  readonly bans: number
}

export const P2P_LIMITS: P2pLimits = {
  outbound: 8,
  peers: 125,
  handshakeMs: 20_000,
  dialMs: 10_000,
  pingEveryMs: 60_000,
  pingMs: 90_000,
  messageMs: 60_000,
  sendMs: 60_000,
  sendBytes: 16_000_000,
  tickMs: 250,
  announceMs: 250,
  messagesPerS: 1_000,
  messageBurst: 10_000,
  receivedBytesPerS: 2_000_000,
  receivedBurstBytes: 16_000_000,
  servedBytesPerS: 20_000_000,
  servedBurstBytes: 100_000_000,
  headersPerPeer: 10_000,
  headersInAll: 50_000,
  unconnected: 10,
  headersMs: 60_000,
  blocksPerPeer: 16,
  blockWindow: 128,
  heldBytes: 16_000_000,
  blockMs: 30_000,
  announcedPerPeer: 5_000,
  requestsPerPeer: 100,
  transactionMs: 15_000,
  orphans: 100,
  orphansPerPeer: 20,
  orphanBytes: 10_000_000,
  orphanMs: 300_000,
  knownPerPeer: 5_000,
  refused: 20_000,
  addressesPerS: 1,
  addressBurst: 1_000,
  addresses: 4_096,
  addressesPerSource: 256,
  retryLeastMs: 1_000,
  retryMostMs: 60_000,
  bans: 10_000,
}
