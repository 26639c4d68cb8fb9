import { showNumber, showTime } from '../../../domain/shown.ts'
import { OLD_BLOCK_S } from '../part/block-age.ts'

/** Whether a part of the node is as it should be, why, and what to do when it is not. */
export type Judgement = { readonly isGood: boolean; readonly why: string; readonly next?: string }

/** A node counts as ready while it is no further behind. */
const MOST_LAG_FACTS = 1_000
/** Waits on this program's own turns, of which a hundredth is longer: leases are paid every second. */
const MOST_LOOP_LAG_S = 0.25

type Chain = {
  readonly height: number | null
  readonly ageS: number | undefined
  /** Of the best chain that a peer has shown; null where that is not known. */
  readonly bestHeight: number | null
}

/** So many blocks behind the best is being late, and no chance of the moment. */
const MOST_BLOCKS_BEHIND = 2

export const judgeChain = ({ height, ageS, bestHeight }: Chain): Judgement => {
  if (height === null || ageS === undefined)
    return {
      isGood: false,
      why: 'No block has been read yet.',
      next: 'Wait while the node reads the chain; when nothing comes, see whether its chain engine has peers.',
    }
  if (bestHeight !== null && bestHeight - height > MOST_BLOCKS_BEHIND)
    return {
      isGood: false,
      why: `Block ${showNumber(height)} of ${showNumber(bestHeight)} is read.`,
      next: 'Wait: until it has caught up, coins and announcements may be missing.',
    }
  return ageS <= OLD_BLOCK_S
    ? { isGood: true, why: `Block ${showNumber(height)} came ${showTime(ageS)} ago.` }
    : {
        isGood: false,
        why: `The newest block, ${showNumber(height)}, is ${showTime(ageS)} old.`,
        next: 'The node reads the chain still, has no peers, or nobody mines. See its log, and the engine’s.',
      }
}

type Table = {
  readonly name: string
  readonly lagFacts: number
  readonly readable: boolean
  readonly stopped: { readonly code: string; readonly retrying: boolean } | null
  readonly building: { readonly stopped: { readonly code: string; readonly retrying: boolean } | null } | null
}

export const judgeTables = (tables: readonly Table[]): Judgement => {
  const stopped = tables.filter((table) => (table.stopped ?? table.building?.stopped ?? null) !== null)
  if (stopped.length > 0)
    return {
      isGood: false,
      why: `${stopped.map(({ name }) => name).join(', ')} stand still.`,
      next: 'Each says why below: let it go on from there, or build it anew from the log.',
    }
  const building = tables.filter(({ readable }) => !readable)
  if (building.length > 0)
    return {
      isGood: false,
      why: `${building.map(({ name }) => name).join(', ')} are being built for the first time.`,
      next: 'Wait: lists of them are not whole before.',
    }
  const lag = Math.max(0, ...tables.map(({ lagFacts }) => lagFacts))
  return lag <= MOST_LAG_FACTS
    ? {
        isGood: true,
        why: lag === 0 ? 'All that is in the log is shown.' : `${showNumber(lag)} facts are not shown yet.`,
      }
    : {
        isGood: false,
        why: `${showNumber(lag)} facts are not shown yet.`,
        next: 'Wait until they are; when it grows, the machine is too slow for what happens.',
      }
}

export const judgeEffects = (parked: number): Judgement =>
  parked === 0
    ? { isGood: true, why: 'Nothing waits for a person.' }
    : {
        isGood: false,
        why: `${parked === 1 ? 'One thing' : `${parked} things`} could not be done, and wait for you.`,
        next: 'Mend what each names, and let it be tried again; or give it up for good.',
      }

type Process = { readonly loopLagS: number; readonly files: number; readonly mostFiles: number }

export const judgeProcess = ({ loopLagS, files, mostFiles }: Process): Judgement => {
  if (loopLagS > MOST_LOOP_LAG_S)
    return {
      isGood: false,
      why: `The program is busy: one wait in a hundred is longer than ${Math.round(loopLagS * 1_000)} ms.`,
      next: 'Give it a faster machine, or fewer leases: payments that come late let machines stand still.',
    }
  if (mostFiles > 0 && files > 0.8 * mostFiles)
    return {
      isGood: false,
      why: `${files} of ${mostFiles} files and sockets are open.`,
      next: 'Raise the limit of open files (ulimit -n), and look for who opens so many connections.',
    }
  return { isGood: true, why: `One wait in a hundred is longer than ${Math.round(loopLagS * 1_000)} ms.` }
}
