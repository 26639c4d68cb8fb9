import type { ChainEvent } from '../port.ts'
import type { Pool, PoolEntry } from './pool.ts'
import type { Store } from './store.ts'

/** One follower's place in the mempool: what it was told of, and what of that has left since. */
export interface Waiting {
  next(): ChainEvent | undefined
  /** A block is told: what it took has not left, even if the block is taken back before anybody asks. */
  blockTold(): void
}

export const newWaiting = (store: Store, pool: Pool): Waiting => {
  const told = new Map<string, number>()
  let seq = 0
  let departures = pool.departures
  const leaving: string[] = []

  /** Empties `told` of what is not there any more, and gathers what no block took. */
  const look = (): void => {
    const departed = pool.departedAfter(departures) ?? allGone(pool, told)
    departures = pool.departures
    for (const { txid, seq: toldSeq } of departed) {
      if (told.get(txid) !== toldSeq) continue
      told.delete(txid)
      if (store.active.heightOf(txid) === undefined) leaving.push(txid)
    }
    leaving.reverse()
  }
  const lookIfDue = (): void => {
    if (leaving.length === 0 && pool.departures > departures) look()
  }

  return {
    blockTold: lookIfDue,
    next: () => {
      lookIfDue()
      const left = leaving.pop()
      if (left !== undefined) return { kind: 'left', txid: left }
      const entered = pool.after(seq)
      if (entered === undefined) return undefined
      seq = entered.seq
      told.set(entered.txid, seq)
      return { kind: 'entered', tx: entered.tx, fee: entered.fee }
    },
  }
}

const allGone = (pool: Pool, told: ReadonlyMap<string, number>): Pick<PoolEntry, 'txid' | 'seq'>[] =>
  [...told].filter(([txid, seq]) => pool.get(txid)?.seq !== seq).map(([txid, seq]) => ({ txid, seq }))
