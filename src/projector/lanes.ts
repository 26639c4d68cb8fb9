import { Lane, type LaneWorld } from './lane.ts'
import type { TableFold } from './table-fold.ts'

/** The lanes of a projector: apart while they are at different places of the log, one when they have met. */
export class Lanes {
  readonly #world: LaneWorld
  readonly #lanes = new Map<Lane, Promise<void>>()

  constructor(world: LaneWorld) {
    this.#world = world
  }

  /** One lane for those at each position. */
  begin(folds: readonly TableFold[]): void {
    for (const [position, group] of Map.groupBy(folds, (fold) => fold.position)) this.#start(group, position)
  }

  /** Each in its own, since one of them meets a fact that cannot be read; they do not meet again in this run. */
  beginApart(folds: readonly TableFold[]): void {
    for (const fold of folds) this.#start([fold], fold.position, true)
  }

  readonly #apart = new WeakSet<Lane>()

  #start(folds: readonly TableFold[], position: number, isApart = false): void {
    const lane = new Lane(this.#world, folds, position)
    if (isApart) this.#apart.add(lane)
    const running = lane.run().finally(() => {
      // Kept while the projector closes: its position is still to be written.
      if (!this.#world.stop.aborted) this.#lanes.delete(lane)
    })
    this.#lanes.set(lane, running)
  }

  remove(fold: TableFold): void {
    for (const lane of this.#lanes.keys()) if (lane.folds.has(fold)) lane.regroup({ remove: fold })
  }

  /** Lets another lane at the same place read for this one too, when neither holds a build that is not whole yet. */
  meet(lane: Lane): void {
    if (!this.#mayMeet(lane)) return
    for (const other of this.#lanes.keys()) {
      if (other === lane || other.position !== lane.position || !this.#mayMeet(other)) continue
      const folds = [...lane.folds]
      lane.folds.clear()
      lane.regroup({})
      other.regroup({ add: folds })
      return
    }
  }

  #mayMeet(lane: Lane): boolean {
    return lane.folds.size > 0 && !this.#apart.has(lane) && [...lane.folds].every((fold) => fold.complete)
  }

  /** After `stop` was aborted. */
  async end(): Promise<void> {
    await Promise.all(this.#lanes.values())
    for (const lane of this.#lanes.keys()) {
      try {
        lane.writePosition()
      } catch {
        // As on a full disk: the next start looks at some facts again.
      }
    }
  }
}
