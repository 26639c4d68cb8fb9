import { toHex } from '../bytes.ts'
import { Fault } from '../fault.ts'
import type { DifficultyRule } from './difficulty.ts'
import { sha256d } from './hash.ts'
import { Writer } from './writer.ts'

/**
 * A chain's parameters. Networks differ in data only; the soft forks up to taproot (BIP 16, 34, 65, 66, 68, 112, 113, 141, 143, 147,
 * 341, 342) are law from the first block on all of them.
 */
export type Network = {
  readonly name: 'xencoin' | 'xencoin-dev' | 'regtest' | `signed-${string}`
  /** First four bytes of each peer message, least significant byte first on the wire; keeps networks apart. */
  readonly magic: number
  /** Human-readable part of bech32 addresses (BIP 173). */
  readonly bech32: string
  /** First byte of base58 addresses: of a key's hash, and of a script's. */
  readonly base58: { readonly keyHash: number; readonly scriptHash: number }
  /** SLIP 44 coin type in BIP 84 paths. */
  readonly coinType: number
  readonly p2pPort: number
  readonly rpcPort: number
  /** Intended seconds between blocks. */
  readonly spacingS: number
  /** Compact form of the easiest target. */
  readonly powLimitBits: number
  readonly difficulty: DifficultyRule
  /** How far a block's time may be ahead of the clock, in seconds. */
  readonly maxFutureS: number
  readonly subsidy: bigint
  readonly halvingBlocks: number
  /** Blocks before a coinbase output may be spent. */
  readonly coinbaseMaturity: number
  /** First height that a coinbase must begin with (BIP 34); below it, a txid that is already unspent may not come again (BIP 30). */
  readonly coinbaseHeightFrom: number
  /** Script, in hex, that each block but the first must satisfy (BIP 325). */
  readonly challenge?: string
  readonly genesis: {
    readonly time: number
    readonly nonce: number
    readonly bits: number
    readonly version: number
    readonly message: string
    readonly subsidy: bigint
    /** Hex. */
    readonly script: string
  }
  /** Blocks can be made on demand (`generatetoaddress`). */
  readonly minesOnDemand: boolean
}

const COIN = 100_000_000n

/** Exactly Bitcoin Core's regtest (kernel/chainparams.cpp): the network on which this node and a real bitcoind meet. */
const regtest: Network = {
  name: 'regtest',
  magic: 0xdab5bffa,
  bech32: 'bcrt',
  base58: { keyHash: 111, scriptHash: 196 },
  coinType: 1,
  p2pPort: 18444,
  rpcPort: 18443,
  spacingS: 600,
  powLimitBits: 0x207fffff,
  difficulty: { kind: 'fixed' },
  maxFutureS: 7200,
  subsidy: 50n * COIN,
  halvingBlocks: 150,
  coinbaseMaturity: 100,
  coinbaseHeightFrom: 1,
  genesis: {
    time: 1296688602,
    nonce: 2,
    bits: 0x207fffff,
    version: 1,
    message: 'The Times 03/Jan/2009 Chancellor on brink of second bailout for banks',
    subsidy: 50n * COIN,
    script:
      '4104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac',
  },
  minesOnDemand: true,
}

/**
 * For a market on one machine: any processor finds a block at once, and coins mature in seconds. The future limit stays wide
 * because hundreds of blocks made on demand run their times ahead of the clock. Supply as Bitcoin's: 21 million.
 */
const xencoinDev: Network = {
  name: 'xencoin-dev',
  magic: 0xdec58e78,
  bech32: 'xcd',
  base58: { keyHash: 111, scriptHash: 196 },
  coinType: 1,
  p2pPort: 28555,
  rpcPort: 28554,
  spacingS: 2,
  powLimitBits: 0x207fffff,
  difficulty: { kind: 'fixed' },
  maxFutureS: 7200,
  subsidy: 50n * COIN,
  halvingBlocks: 210_000,
  coinbaseMaturity: 10,
  coinbaseHeightFrom: 1,
  genesis: {
    time: 1406851200,
    nonce: 0,
    bits: 0x207fffff,
    version: 1,
    message: 'Zennet: an open market for computers, paid every second (xencoin-dev)',
    subsidy: 50n * COIN,
    // The data output "zennet": nobody holds the first coins.
    script: '6a067a656e6e6574',
  },
  minesOnDemand: true,
}

/**
 * The coin. A block every 15 s, so subsidy and halving are Bitcoin's by time and not by block: 21 million in the end. The easiest
 * target is about nine seconds of one core in plain JavaScript. The schedule of the difficulty begins with the first block that
 * is found, not with the genesis block: it may be found long after.
 */
const xencoin: Network = {
  name: 'xencoin',
  magic: 0xf1c58ea7,
  bech32: 'xen',
  base58: { keyHash: 75, scriptHash: 137 },
  coinType: 7_890_286,
  p2pPort: 28557,
  rpcPort: 28556,
  spacingS: 15,
  powLimitBits: 0x1e00ffff,
  difficulty: { kind: 'asert', halfLifeS: 600, anchorHeight: 1 },
  maxFutureS: 60,
  subsidy: (50n * COIN) / 40n,
  halvingBlocks: 210_000 * 40,
  coinbaseMaturity: 100,
  coinbaseHeightFrom: 1,
  genesis: {
    time: 1795910400,
    nonce: 467688,
    bits: 0x1e00ffff,
    version: 1,
    message: 'Zennet: an open market for computers, paid every second (xencoin)',
    subsidy: (50n * COIN) / 40n,
    script: '6a067a656e6e6574',
  },
  minesOnDemand: false,
}

export const networks: readonly Network[] = [xencoin, xencoinDev, regtest]

/**
 * A closed network like `base`, on which only blocks that satisfy `challenge` count (BIP 325): for communities whose hash rate would not
 * keep anyone out. Its magic follows from the challenge, as signet's does.
 *
 * @param challenge script; for example that of an address whose key the block makers hold
 */
export const signedNetwork = (base: Network, challenge: Uint8Array): Network => {
  const hash = sha256d(new Writer().sized(challenge).done())
  const magic = new DataView(hash.buffer, hash.byteOffset).getUint32(0, true)
  return {
    ...base,
    name: `signed-${toHex(hash.subarray(0, 4))}`,
    magic,
    challenge: toHex(challenge),
  }
}

/** @throws Fault `chain.unknown-network` */
export const networkNamed = (name: string): Network => {
  const found = networks.find((network) => network.name === name)
  if (found !== undefined) return found
  throw new Fault('chain.unknown-network', `there is no network called ${name.slice(0, 40)}`, {
    culprit: 'you',
    next: `Choose one of: ${networks.map((network) => network.name).join(', ')}.`,
  })
}

/** The magic as it is on the wire. */
export const magicBytes = (network: Network): Uint8Array => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, network.magic, true)
  return bytes
}
