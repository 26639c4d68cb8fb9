import type { Fact } from '../../domain/fact.ts'
import type { Journal, Recorded } from './port.ts'

const PAGE = 1_000

/** All facts of one type, in order. For start-up; not for logs of millions: rows are for that. */
export const readTypes = async <F extends Fact>(journal: Journal, type: F['type']): Promise<Recorded<F>[]> => {
  const all: Recorded<F>[] = []
  for (;;) {
    const page = await journal.readAll(all.at(-1)?.position ?? 0, { types: [type] }, PAGE)
    all.push(...(page as Recorded<F>[]))
    if (page.length === 0) return all
  }
}
