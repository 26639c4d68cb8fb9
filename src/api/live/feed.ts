import type { Position } from '../../journal/port.ts'
import { followLog, type Part, type Told } from '../follow.ts'
import type { ApiContext } from '../schema/context.ts'

/**
 * What a subscription field gives: a part of the log, and the place behind which it begins. `subscribe` in `shared.ts` reads it for
 * many at once; iterated, it is read for one.
 */
export class LogFeed implements AsyncIterable<Told> {
  readonly context: ApiContext
  readonly after: Position
  readonly part: Part

  constructor(context: ApiContext, after: Position | null | undefined, part: Part) {
    this.context = context
    this.after = after ?? 0
    this.part = part
  }

  /** For one reader alone. @param wasCaughtUp as `followLog` */
  read(after: Position, wasCaughtUp: boolean): AsyncIterableIterator<Told> {
    const { journal, closing } = this.context
    return followLog(journal, after, this.part, closing, wasCaughtUp)
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Told> {
    return this.read(this.after, false)
  }
}
