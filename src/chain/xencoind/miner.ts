import { setImmediate as turn } from 'node:timers/promises'
import type { Block } from '../../../domain/chain/block.ts'
import { Fault } from '../../../domain/fault.ts'
import { openWorkFinder } from '../mining/find-work.ts'
import type { Submitted } from './chain.ts'
import type { Log } from './log.ts'
import { buildBlock, nextBlock, type TemplateParts } from './template.ts'

export interface Miner {
  /** Makes `count` blocks now. @returns their hashes */
  mine(count: number, script: Uint8Array): Promise<string[]>
  /** Ends by itself, and says so in the log, when its own block is refused: that is a bug, and mining on would repeat it. */
  start(options: { intervalS: number; script: Uint8Array }): void
  stop(): Promise<void>
}

type MinerParts = TemplateParts & {
  submit(block: Block): Submitted
  /** The node closes. */
  readonly signal: AbortSignal
  readonly log?: Log
}

/** A template is made anew after this, for the sake of what came to the mempool. */
export const TEMPLATE_AGE_MS = 30_000

/**
 * Makes blocks. Where the target is so easy that a few hashes find one: on demand, or at an interval. Elsewhere a thread looks for
 * work all the time, and the interval is what the difficulty makes of it.
 */
export const newMiner = (parts: MinerParts): Miner => {
  const { network, clock, chain, submit, signal, log } = parts
  let running: { stop: AbortController; ended: Promise<void> } | undefined

  const submitOwn = (block: Block): string => {
    const submitted = submit(block)
    if ('reject' in submitted) throw new Error(`own block refused: ${submitted.reject}`)
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

  const mineAllTheTime = async (script: Uint8Array, until: AbortSignal): Promise<void> => {
    const finder = openWorkFinder()
    try {
      while (!until.aborted) {
        const block = nextBlock(parts, script)
        const madeUs = clock.steadyUs()
        const header = await finder.find(
          block.header,
          () =>
            !until.aborted &&
            chain.tip().hash === block.header.previous &&
            clock.steadyUs() - madeUs < TEMPLATE_AGE_MS * 1000,
        )
        // Another block may have come while the last turn ran: then this one would only be stored.
        if (header !== undefined && !until.aborted) submitOwn({ ...block, header })
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
    start: ({ intervalS, script }) => {
      running?.stop.abort()
      const own = new AbortController()
      const until = AbortSignal.any([own.signal, signal])
      const mining = network.minesOnDemand ? mineAtInterval(intervalS, script, until) : mineAllTheTime(script, until)
      const ended = mining.catch((error: unknown) => log?.warn({ err: error }, 'mining stopped'))
      running = { stop: own, ended }
    },
    stop,
  }
}

const closed = (): Fault => new Fault('chain.closed', 'the node is closing', { next: 'Start it again.' })
