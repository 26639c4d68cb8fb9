import { setImmediate as turn } from 'node:timers/promises'
import type { Network } from '../../../domain/chain/network.ts'
import { Fault } from '../../../domain/fault.ts'
import type { Clock } from '../../clock/port.ts'
import type { Chain, Submitted } from './chain.ts'
import type { Log } from './log.ts'
import type { Pool } from './pool.ts'
import { buildBlock } from './template.ts'

export interface Miner {
  /** Makes `count` blocks now. @returns their hashes */
  mine(count: number, script: Uint8Array): Promise<string[]>
  /** Ends by itself, and says so in the log, when its own block is refused: that is a bug, and mining on would repeat it. */
  start(options: { intervalS: number; script: Uint8Array }): void
  stop(): Promise<void>
}

type MinerParts = {
  readonly network: Network
  readonly clock: Clock
  readonly chain: Chain
  readonly pool: Pool
  submit(block: ReturnType<typeof buildBlock>): Submitted
  /** The node closes. */
  readonly signal: AbortSignal
  readonly log?: Log
}

/** Makes blocks where the target is so easy that a few hashes find one: on demand, or at an interval. */
export const newMiner = (parts: MinerParts): Miner => {
  const { network, clock, submit, signal, log } = parts
  let running: { stop: AbortController; ended: Promise<void> } | undefined

  const mineOne = (script: Uint8Array): string => {
    const submitted = submit(buildBlock(parts, script))
    if ('reject' in submitted) throw new Error(`own block refused: ${submitted.reject}`)
    return submitted.hash
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
      const ended = (async () => {
        while (!until.aborted) {
          await clock.sleep(intervalS * 1000, until).catch(() => {})
          if (until.aborted) return
          mineOne(script)
        }
      })().catch((error: unknown) => log?.warn({ err: error }, 'mining stopped'))
      running = { stop: own, ended }
    },
    stop,
  }
}

const closed = (): Fault => new Fault('chain.closed', 'the node is closing', { next: 'Start it again.' })
