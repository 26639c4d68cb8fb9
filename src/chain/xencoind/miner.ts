import { setImmediate as turn } from 'node:timers/promises'
import type { Block } from '../../../domain/chain/block.ts'
import { Fault } from '../../../domain/fault.ts'
import { openWorkFinder } from '../mining/find-work.ts'
import type { Submitted } from './chain.ts'
import type { Change } from './change.ts'
import type { Log } from './log.ts'
import { buildBlock, nextBlock, type TemplateParts } from './template.ts'

export type MiningWanted = {
  /** Between two blocks, where they are made on demand. */
  readonly intervalS: number
  readonly script: Uint8Array
  /** How many look for work, where blocks need it; default 1. */
  readonly threads?: number
}

export interface Miner {
  /** Makes `count` blocks now. @returns their hashes */
  mine(count: number, script: Uint8Array): Promise<string[]>
  /** Ends by itself, and says so in the log, when its own block is refused: that is a bug, and mining on would repeat it. */
  start(wanted: MiningWanted): void
  stop(): Promise<void>
}

type MinerParts = TemplateParts & {
  /** Fires when the tip or the mempool changes. */
  readonly change: Change
  submit(block: Block): Submitted
  /** The node closes. */
  readonly signal: AbortSignal
  readonly log?: Log
}

/** A template is made anew after this, for the sake of what came to the mempool. */
export const TEMPLATE_AGE_MS = 30_000

/**
 * Makes blocks. Where the target is so easy that a few hashes find one: on demand, or at an interval. Elsewhere threads look for
 * work all the time, and the interval is what the difficulty makes of it.
 */
export const newMiner = (parts: MinerParts): Miner => {
  const { network, clock, chain, change, submit, signal, log } = parts
  let running: { stop: AbortController; ended: Promise<void> } | undefined

  const submitOwn = (block: Block): string => {
    const submitted = submit(block)
    if ('reject' in submitted) throw refusedOwn(submitted.reject)
    return submitted.hash
  }
  const mineOne = (script: Uint8Array): string => submitOwn(buildBlock(parts, script))

  const mineAtInterval = async (intervalS: number, script: Uint8Array, until: AbortSignal): Promise<void> => {
    while (!until.aborted) {
      await clock.sleep(intervalS * 1000, until).catch(() => {})
      if (until.aborted) return
      mineOne(script)
    }
  }

  /** Resolves when `block` is not to be made any more. */
  const outdated = async ({ header }: Block, until: AbortSignal): Promise<void> => {
    const moved = async () => {
      while (!until.aborted && chain.tip().hash === header.previous) await change.wait(until)
    }
    await Promise.race([moved(), clock.sleep(TEMPLATE_AGE_MS, until).catch(() => {})])
  }

  const mineAllTheTime = async (script: Uint8Array, threads: number, until: AbortSignal): Promise<void> => {
    const finder = openWorkFinder(threads)
    try {
      while (!until.aborted) {
        const block = nextBlock(parts, script)
        const ended = new AbortController()
        const wanted = AbortSignal.any([until, ended.signal])
        void outdated(block, wanted).then(() => ended.abort())
        const header = await finder.find(block.header, wanted).finally(() => ended.abort())
        if (header === undefined) continue
        // Also when it was outdated in that moment: work is work, and another branch may yet build on it.
        const submitted = submit({ ...block, header })
        if ('reject' in submitted && chain.tip().hash === header.previous) throw refusedOwn(submitted.reject)
      }
    } finally {
      await finder.close()
    }
  }

  const stop = async () => {
    running?.stop.abort()
    await running?.ended
    running = undefined
  }

  return {
    mine: async (count, script) => {
      if (!network.minesOnDemand)
        throw new Fault('chain.cannot-mine', `${network.name} does not make blocks on demand`, {
          culprit: 'you',
          next: 'Use xencoin-dev or regtest, or start a miner.',
        })
      const hashes: string[] = []
      for (let made = 0; made < count; made++) {
        if (signal.aborted) throw closed()
        hashes.push(mineOne(script))
        // Followers and callers get their turn between blocks.
        await turn()
      }
      return hashes
    },
    start: ({ intervalS, script, threads = 1 }) => {
      running?.stop.abort()
      const own = new AbortController()
      const until = AbortSignal.any([own.signal, signal])
      const mining = network.minesOnDemand
        ? mineAtInterval(intervalS, script, until)
        : mineAllTheTime(script, threads, until)
      const ended = mining.catch((error: unknown) => log?.warn({ err: error }, 'mining stopped'))
      running = { stop: own, ended }
    },
    stop,
  }
}

const closed = (): Fault => new Fault('chain.closed', 'the node is closing', { next: 'Start it again.' })

const refusedOwn = (reason: string): Error => new Error(`own block refused: ${reason}`)
