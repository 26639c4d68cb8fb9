import { equal } from '../bytes.ts'
import type { Block, BlockHeader } from './block.ts'
import { checkTransaction, isCoinbase, MAX_BLOCK_WEIGHT, type TransactionReject } from './check-transaction.ts'
import { HEADER_BYTES, hasWitness, strippedSize, totalSize } from './codec.ts'
import { isFinal } from './locktime.ts'
import { committedWitness, transactionsRoot, witnessCommitment } from './merkle.ts'
import type { Network } from './network.ts'
import { checkProofOfWork } from './pow.ts'
import { compileScript } from './script.ts'
import { legacySigops, MAX_BLOCK_SIGOPS_COST, WITNESS_SCALE } from './sigops.ts'
import { sizeOfSize } from './writer.ts'

/** Why a header is refused, in Bitcoin Core's words (validation.cpp). */
export type HeaderReject = 'high-hash' | 'bad-diffbits' | 'time-too-old' | 'time-too-new' | 'bad-version'

/** Why a block is refused whatever the coins are. */
export type BlockReject =
  | TransactionReject
  | 'high-hash'
  | 'bad-txnmrklroot'
  | 'bad-txns-duplicate'
  | 'bad-blk-length'
  | 'bad-cb-missing'
  | 'bad-cb-multiple'
  | 'bad-blk-sigops'
  | 'bad-txns-nonfinal'
  | 'bad-cb-height'
  | 'bad-witness-nonce-size'
  | 'bad-witness-merkle-match'
  | 'unexpected-witness'
  | 'bad-blk-weight'

/** Blocks whose times make the median (BIP 113). */
export const MEDIAN_TIME_BLOCKS = 11
/** Since BIP 34, 66 and 65 have been law, in that order, older versions are refused. */
const LEAST_VERSION = 4

/** The middle of the times of the last blocks, in any order; give it at most eleven, and at least one. */
export const medianTime = (times: readonly number[]): number => {
  const sorted = [...times].sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)]
  if (middle === undefined) throw new RangeError('the median of no times')
  return middle
}

export type HeaderContext = {
  readonly network: Network
  /** What the block must state (`nextBits`). */
  readonly bits: number
  /** Median time of the eleven blocks that end with the parent. */
  readonly medianTimePast: number
  /** The node's clock, Unix seconds. */
  readonly nowS: number
  /** Off for a block that is being made. */
  readonly checkWork?: boolean
}

/** Header against its ancestors and the clock. `time-too-new` may pass later; the others never. */
export const checkHeader = (
  header: BlockHeader,
  { network, bits, medianTimePast, nowS, checkWork = true }: HeaderContext,
): HeaderReject | undefined => {
  if (checkWork && !checkProofOfWork(header, network)) return 'high-hash'
  if (header.bits !== bits) return 'bad-diffbits'
  if (header.time <= medianTimePast) return 'time-too-old'
  if (header.time > nowS + network.maxFutureS) return 'time-too-new'
  return header.version < LEAST_VERSION ? 'bad-version' : undefined
}

export type BlockContext = {
  readonly network: Network
  readonly height: number
  /** Median time of the eleven blocks that end with the parent. */
  readonly medianTimePast: number
  /** Off for a block that is being made: all but its work is checked. */
  readonly checkWork?: boolean
}

/**
 * Everything about a block but its header's place in the chain (`checkHeader`) and its coins (`connectBlock`). A block refused
 * as `bad-txns-duplicate` or for its witness may be a damaged copy of a good one: do not remember its hash as bad.
 */
export const checkBlock = (block: Block, context: BlockContext): BlockReject | undefined =>
  checkAlone(block, context) ?? checkInPlace(block, context)

const checkAlone = (block: Block, { network, checkWork = true }: BlockContext): BlockReject | undefined => {
  const { header, transactions } = block
  if (checkWork && !checkProofOfWork(header, network)) return 'high-hash'
  const { root, mutated } = transactionsRoot(transactions)
  if (root !== header.merkleRoot) return 'bad-txnmrklroot'
  if (mutated) return 'bad-txns-duplicate'
  if (transactions.length === 0 || strippedBlockSize(block) * WITNESS_SCALE > MAX_BLOCK_WEIGHT) return 'bad-blk-length'
  const [first, ...rest] = transactions
  if (first === undefined || !isCoinbase(first)) return 'bad-cb-missing'
  if (rest.some(isCoinbase)) return 'bad-cb-multiple'
  for (const tx of transactions) {
    const reject = checkTransaction(tx)
    if (reject !== undefined) return reject
  }
  const sigops = transactions.reduce((sum, tx) => sum + legacySigops(tx), 0)
  return sigops * WITNESS_SCALE > MAX_BLOCK_SIGOPS_COST ? 'bad-blk-sigops' : undefined
}

const checkInPlace = (block: Block, { network, height, medianTimePast }: BlockContext): BlockReject | undefined => {
  if (!block.transactions.every((tx) => isFinal(tx, height, medianTimePast))) return 'bad-txns-nonfinal'
  if (height >= network.coinbaseHeightFrom && !beginsWithHeight(block, height)) return 'bad-cb-height'
  return checkWitness(block) ?? (blockWeight(block) > MAX_BLOCK_WEIGHT ? 'bad-blk-weight' : undefined)
}

const beginsWithHeight = (block: Block, height: number): boolean => {
  const head = compileScript([BigInt(height)])
  const scriptSig = block.transactions[0]?.inputs[0]?.scriptSig ?? new Uint8Array(0)
  return equal(scriptSig.subarray(0, head.length), head)
}

const checkWitness = (block: Block): BlockReject | undefined => {
  const committed = committedWitness(block)
  if (committed === undefined) return block.transactions.some(hasWitness) ? 'unexpected-witness' : undefined
  const [reserved, ...more] = block.transactions[0]?.inputs[0]?.witness ?? []
  if (reserved?.length !== 32 || more.length > 0) return 'bad-witness-nonce-size'
  return equal(witnessCommitment(block.transactions, reserved), committed) ? undefined : 'bad-witness-merkle-match'
}

/** Without witnesses; a quarter of the weight limit bounds it. */
export const strippedBlockSize = (block: Block): number =>
  block.transactions.reduce((sum, tx) => sum + strippedSize(tx), HEADER_BYTES + sizeOfSize(block.transactions.length))

/** BIP 141. */
export const blockWeight = (block: Block): number => {
  const total = block.transactions.reduce((sum, tx) => sum + totalSize(tx), 0)
  return strippedBlockSize(block) * (WITNESS_SCALE - 1) + HEADER_BYTES + sizeOfSize(block.transactions.length) + total
}
