import type { Clock } from '../../clock/port.ts'
import type { PeerLog } from './log.ts'

/** At most so often, however fast blocks come. */
const EVERY_MS = 2_000
/** A few blocks behind is no news. */
const LEAST_BEHIND = 10

/** Tells people how far a node has come with a chain that it lacks. */
export const newProgress = (log: PeerLog, clock: Clock) => {
  let toldUs: number | undefined
  return {
    /** @param height of the tip; @param best of the chain that is followed */
    at: (height: number, best: number): void => {
      const nowUs = clock.steadyUs()
      const isBehind = best - height >= LEAST_BEHIND
      if (!isBehind && toldUs === undefined) return
      if (isBehind && toldUs !== undefined && nowUs - toldUs < EVERY_MS * 1000) return
      if (!isBehind && height < best) return
      toldUs = isBehind ? nowUs : undefined
      log.info({ height, best }, `block ${grouped(height)} of ${grouped(best)}`)
    },
  }
}

/** 1,200 */
const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',')
