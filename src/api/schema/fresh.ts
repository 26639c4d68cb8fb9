import { GraphQLError } from 'graphql'
import { Fault } from '../../../domain/fault.ts'
import type { ApiContext } from './context.ts'

/** How long a query waits for the rows to reach `atLeast`, ms. */
export const FRESH_WAIT_MS = 2_000

/**
 * Waits until the rows of these tables (all, when none is named) contain the fact at `position`: a table that stands still or is
 * being folded does not hold up who does not read it.
 * @returns nothing to wait for when no position is named: an answer that waits for nothing needs no deadline either
 * @throws GraphQLError `api.stale-read` after `FRESH_WAIT_MS`
 */
export const untilFresh = (
  context: ApiContext,
  position: number | null | undefined,
  ...tables: readonly string[]
): Promise<void> | undefined => (position == null ? undefined : waitFor(context, position, tables))

const waitFor = async ({ projector }: ApiContext, position: number, tables: readonly string[]): Promise<void> => {
  try {
    await projector.waitFor(position, FRESH_WAIT_MS, tables.length > 0 ? tables : undefined)
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.code !== 'projector.behind') throw cause
    throw new GraphQLError(`the rows are at position ${projector.position()}, not yet at ${position}; ask again`, {
      extensions: { code: 'api.stale-read', position: `${projector.position()}` },
    })
  }
}
