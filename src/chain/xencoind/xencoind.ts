import type { Block, BlockRef } from '../../../domain/chain/block.ts'
import { transactionId } from '../../../domain/chain/codec.ts'
import type { Curve } from '../../../domain/chain/curve.ts'
import type { Network } from '../../../domain/chain/network.ts'
import { type OutPoint, outPointKey, type Transaction } from '../../../domain/chain/transaction.ts'
import type { Clock } from '../../clock/port.ts'
import type { ScriptThreads } from '../../curve/port.ts'
import { type ChainEngine, type FoundTransaction, Rejected, type Unspent } from '../port.ts'
import { spentCoins } from '../rpc/spent-coins.ts'
import { newAdmission, type Verdict } from './admission.ts'
import { type AdmitParts, admit, makeRoom } from './admit.ts'
import type { BlockEntry } from './block-table.ts'
import { type Chain, newChain, type Submitted } from './chain.ts'
import type { ChainChange } from './chain-change.ts'
import { type Change, newChange } from './change.ts'
import { type FeeHistory, newFeeHistory } from './fee-history.ts'
import { estimateFeeRate } from './fee-rate.ts'
import { follow } from './follow.ts'
import type { Log } from './log.ts'
import { type MiningWanted, newMiner } from './miner.ts'
import { MIN_RELAY_FEE_RATE } from './policy.ts'
import { newPool, type Pool } from './pool.ts'
import { MAX_POOL_BYTES, newPoolLimit } from './pool-limit.ts'
import { newPoolLog } from './pool-log.ts'
import { syncPool } from './pool-sync.ts'
import { proveScripts } from './prove-scripts.ts'
import { restorePool } from './restore-pool.ts'
import { newRollingFee, type RollingFee } from './rolling-fee.ts'
import { newScriptCache } from './script-cache.ts'
import { openStore, type Store } from './store.ts'
import type { SolveBlock } from './template.ts'

/** What the RPC server reads beside the port. Not for the rest of the program. */
export type Inside = {
  readonly network: Network
  readonly chain: Chain
  readonly store: Store
  readonly pool: Pool
  /** Fires when the tip or the mempool changes. */
  readonly change: Change
  readonly clock: Clock
  readonly startedAtUs: number
  medianTime(entry: BlockEntry): number
  /** Why a block on the tip would be refused, its work aside. */
  propose(block: Block): string | undefined
  /** What `broadcast` would say, without doing it. */
  check(tx: Transaction): Verdict
  /** What the mempool asks for at least now, in sats per 1000 virtual bytes. */
  leastFeeRate(): bigint
  /** Sats per virtual byte to be in one of the next `blocks` blocks; undefined while nobody can tell. */
  estimateFee(blocks: number): number | undefined
  readonly maxPoolBytes: number
  /** Whether the chain is still being fetched: until its tip was less than a day old once, as in Core. */
  initialDownload(): boolean
}

/** The embedded node. Everything it knows is in its data directory; a killed process loses nothing that was acknowledged. */
export interface Xencoind extends ChainEngine {
  readonly inside: Inside
  /**
   * Makes blocks to `script`, also empty ones: every `intervalS` seconds where blocks are made on demand, else as fast as `threads`
   * find work. A second call replaces the first.
   */
  startMining(wanted: MiningWanted): void
  stopMining(): Promise<void>
  /** Takes a block from elsewhere: stored, and the chain of most work becomes the active one. */
  submitBlock(block: Block): Promise<Submitted>
  /** Treats a block, and all that builds on it, as invalid from now on. For operators and tests. */
  invalidateBlock(hash: string): Promise<void>
  /** Judges a block, and those before and after it, anew: the opposite. */
  reconsiderBlock(hash: string): Promise<void>
}

export type XencoindOptions = {
  readonly dataDir: string
  readonly network: Network
  readonly curve: Curve
  readonly clock: Clock
  readonly log?: Log
  /** Signs own blocks on a network that asks for it (BIP 325). */
  readonly solve?: SolveBlock
  /** Memory that the mempool may take; default `MAX_POOL_BYTES`. */
  readonly maxPoolBytes?: number
  /** Prove the scripts of blocks from elsewhere on several cores; closed with the node. */
  readonly threads?: ScriptThreads
}

/** @throws Fault `chain.locked` when another process has the directory, `chain.wrong-store` when it is another network's */
export const openXencoind = async (options: XencoindOptions): Promise<Xencoind> => {
  const { dataDir, network, curve, clock, log, solve, threads, maxPoolBytes = MAX_POOL_BYTES } = options
  const store = openStore(dataDir, network)
  const scripts = newScriptCache()
  const chain = newChain({ store, network, curve, clock, scripts })
  const pool = newPool()
  const poolLog = newPoolLog(store, pool)
  const rolling = newRollingFee(() => clock.now())
  const admission = newAdmission({ store, network, curve, clock, pool, chain, scripts, rolling, maxPoolBytes })
  const change = newChange()
  restorePool({ store, pool, admission, log: poolLog })
  const history = newFeeHistory()
  const limit = newPoolLimit({ pool, rolling, clock, maxPoolBytes })
  const parts = { store, chain, pool, log: poolLog, admission, change, rolling, limit, history }

  const estimateFee = (blocks: number) => estimateFeeRate({ pool, history, height: chain.tip().height }, blocks)
  const closing = new AbortController()
  const initialDownload = untilRecent(clock, chain)
  const submit = (block: Block): Submitted => submitBlock(parts, block, log)
  const miner = newMiner({
    network,
    clock,
    chain,
    pool,
    change,
    submit,
    signal: closing.signal,
    ...(log && { log }),
    ...(solve && { solve }),
  })

  return {
    network,
    description: 'xencoind embedded',
    inside: {
      network,
      chain,
      store,
      pool,
      change,
      clock,
      startedAtUs: clock.steadyUs(),
      medianTime: chain.medianTime,
      propose: chain.propose,
      check: (tx) => admission.check(tx),
      leastFeeRate: admission.leastFeeRate,
      estimateFee,
      maxPoolBytes,
      initialDownload,
    },
    tip: async () => refOf(chain.tip()),
    blockAt: async (height) => {
      const entry = store.active.at(height)
      return entry && { hash: entry.hash, block: store.blocks.block(entry) }
    },
    block: async (hash) => {
      const entry = store.blocks.get(hash)
      return entry && { height: entry.height, block: store.blocks.block(entry) }
    },
    spent: async (hash) => {
      const entry = store.blocks.get(hash)
      return entry && spentCoins(store, entry, store.blocks.block(entry))
    },
    transaction: async (txid) => findTransaction(parts, txid),
    output: async (point) => findOutput(parts, point),
    mempool: async () => pool.all().map(({ tx }) => tx),
    broadcast: async (tx) => {
      const txid = enter(parts, tx)
      await poolLog.flushed()
      return txid
    },
    feeRate: async (blocks) => estimateFee(blocks) ?? Number(MIN_RELAY_FEE_RATE),
    follow: (cursor, signal) => follow(parts, cursor, AbortSignal.any([signal, closing.signal])),
    mine: (count, script) => miner.mine(count, script),
    startMining: (wanted) => miner.start(wanted),
    stopMining: () => miner.stop(),
    submitBlock: async (block) => {
      // Only for a header with work: else anyone could keep all cores busy for nothing.
      if (threads !== undefined && chain.headerReject(block.header) === undefined)
        await proveScripts({ store, pool, scripts, threads }, block)
      return submit(block)
    },
    invalidateBlock: async (hash) => settle(parts, chain.invalidate(hash)),
    reconsiderBlock: async (hash) => settle(parts, chain.reconsider(hash)),
    close: async () => {
      if (closing.signal.aborted) return
      await miner.stop()
      closing.abort()
      await threads?.close()
      poolLog.flush()
      store.close()
    },
  }
}

type Parts = AdmitParts & {
  readonly store: Store
  readonly chain: Chain
  readonly change: Change
  readonly rolling: RollingFee
  readonly history: FeeHistory
}

/** A tip up to this age is of the present (Core: -maxtipage). */
const MAX_TIP_AGE_MS = 24 * 3_600_000

const untilRecent = (clock: Clock, chain: Chain): (() => boolean) => {
  let isRecent = false
  return () => {
    isRecent ||= clock.now() - chain.tip().header.time * 1000 <= MAX_TIP_AGE_MS
    return !isRecent
  }
}

const refOf = ({ hash, height }: BlockEntry): BlockRef => ({ hash, height })

const submitBlock = (parts: Parts, block: Block, log: Log | undefined): Submitted => {
  const { chain } = parts
  const submitted = chain.submit(block)
  if ('reject' in submitted) {
    log?.warn({ reason: submitted.reject }, 'block refused')
    return submitted
  }
  if (submitted.disconnected.length > 0)
    log?.warn({ depth: submitted.disconnected.length, tip: chain.tip().hash }, 'chain reorganised')
  settle(parts, submitted)
  return submitted
}

/** Brings the mempool in line with a changed chain, and tells everyone who waits. */
const settle = (parts: Parts, changed: ChainChange): void => {
  const { log, rolling, change } = parts
  syncPool(parts, changed)
  if (changed.connected.length > 0) rolling.blockConnected()
  makeRoom(parts)
  log.flush()
  change.fire()
}

/** @throws Rejected */
const enter = (parts: Parts, tx: Transaction): string => {
  const { store, pool, change } = parts
  const txid = transactionId(tx)
  if (pool.get(txid) !== undefined || store.active.heightOf(txid) !== undefined) return txid
  const entered = admit(parts, tx)
  change.fire()
  if ('reject' in entered) throw new Rejected(entered.reject, txid)
  return txid
}

const findTransaction = ({ store, pool }: Parts, txid: string): FoundTransaction | undefined => {
  const waiting = pool.get(txid)
  if (waiting !== undefined) return { tx: waiting.tx }
  const height = store.active.heightOf(txid)
  const entry = height === undefined ? undefined : store.active.at(height)
  const tx = entry && store.blocks.block(entry).transactions.find((one) => transactionId(one) === txid)
  return entry && tx && { tx, block: refOf(entry) }
}

const findOutput = ({ store, pool }: Parts, point: OutPoint): Unspent | undefined => {
  if (pool.spender(point) !== undefined) return undefined
  const waiting = pool.output(point)
  return waiting === undefined ? store.coins.get(outPointKey(point)) : { ...waiting, coinbase: false }
}
