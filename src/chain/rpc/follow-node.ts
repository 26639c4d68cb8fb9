import type { BlockRef } from '../../../domain/chain/block.ts'
import { transactionId } from '../../../domain/chain/codec.ts'
import { Fault } from '../../../domain/fault.ts'
import type { Clock } from '../../clock/port.ts'
import type { ChainEvent } from '../port.ts'
import { fromCoins } from './amount.ts'
import { hashesAnswer, poolEntryAnswer } from './answer.ts'
import type { RpcClient } from './client.ts'
import { RpcError } from './error-code.ts'
import type { NodeView } from './node-view.ts'

/**
 * Follows a node by asking: one header answer says at once whether the follower's block is still in the active chain and
 * which block comes after it, so a reorganisation between two questions cannot be missed. At the tip the mempool is
 * compared with what was told. Holds one block and the mempool's ids, never a queue.
 *
 * @throws Fault `chain.cursor-unknown` when the node never had the cursor's block, `chain.unreachable`
 */
export async function* followNode(
  { call, view, clock, pollMs }: { call: RpcClient; view: NodeView; clock: Clock; pollMs: number },
  cursor: BlockRef | undefined,
  signal: AbortSignal,
): AsyncGenerator<ChainEvent, void, undefined> {
  let at = cursor
  let caughtUp = false
  let poolTold = false
  const told = new Set<string>()
  while (!signal.aborted) {
    const step = at === undefined ? await first(view) : await next(view, at, signal)
    if (step !== undefined) {
      at = step.at
      const { event } = step
      if (event.kind === 'connected' && told.size > 0)
        for (const tx of event.block.transactions) told.delete(transactionId(tx))
      yield event
      continue
    }
    if (!caughtUp && at !== undefined) {
      caughtUp = true
      yield { kind: 'caught-up', tip: at }
    }
    const present = new Set(await call(hashesAnswer, 'getrawmempool', [], signal))
    const missing = [...told].filter((txid) => !present.has(txid))
    // In a block that came since: that is told first.
    if (missing.length > 0 && at !== undefined && (await next(view, at, signal)) !== undefined) continue
    for (const txid of missing) {
      told.delete(txid)
      yield { kind: 'left', txid }
    }
    for (const txid of present) {
      if (told.has(txid)) continue
      const found = await view.transaction(txid)
      // Gone, or confirmed since the list was made: then its block tells it.
      if (found === undefined || found.blockHash !== undefined) continue
      told.add(txid)
      const fee = await feeOf(call, txid, signal)
      yield { kind: 'entered', tx: found.tx, ...(fee === undefined ? {} : { fee }) }
    }
    if (!poolTold && at !== undefined) {
      poolTold = true
      yield { kind: 'mempool-told' }
    }
    await clock.sleep(pollMs, signal)
  }
}

/** Sats; undefined when it left since. */
const feeOf = async (call: RpcClient, txid: string, signal: AbortSignal): Promise<bigint | undefined> => {
  try {
    return fromCoins((await call(poolEntryAnswer, 'getmempoolentry', [txid], signal)).fees.base)
  } catch (error) {
    if (error instanceof RpcError) return undefined
    throw error
  }
}

type Step = { readonly event: ChainEvent; readonly at: BlockRef }

const first = async (view: NodeView): Promise<Step | undefined> => {
  const hash = await view.hashAt(0)
  const block = hash === undefined ? undefined : await view.block(hash)
  if (hash === undefined || block === undefined) return undefined
  return { event: { kind: 'connected', height: 0, hash, block }, at: { hash, height: 0 } }
}

const next = async (view: NodeView, at: BlockRef, signal: AbortSignal): Promise<Step | undefined> => {
  const header = await view.header(at.hash, signal)
  if (header === undefined || header.height !== at.height)
    throw new Fault('chain.cursor-unknown', `the node never had block ${at.hash} at height ${at.height}`, {
      culprit: 'chain',
      next: 'The node is of another chain: follow from the beginning.',
    })
  if (header.confirmations < 0) {
    const block = await view.block(at.hash, signal)
    if (block === undefined || header.previousblockhash === undefined) return undefined
    const event: ChainEvent = { kind: 'disconnected', ...at, block }
    return { event, at: { hash: header.previousblockhash, height: at.height - 1 } }
  }
  const hash = header.nextblockhash
  const block = hash === undefined ? undefined : await view.block(hash, signal)
  if (hash === undefined || block === undefined) return undefined
  const height = at.height + 1
  return { event: { kind: 'connected', height, hash, block }, at: { hash, height } }
}
