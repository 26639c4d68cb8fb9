import { expect, it } from 'vitest'
import { TABLES } from '../../projections/tables.ts'
import { READY_LAG_FACTS, readinessOf } from '../../src/api/health.ts'
import { systemClock } from '../../src/clock/system.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { openProjector } from '../../src/projector/projector.ts'
import { startNode } from './node.ts'

const notices = (count: number) => Array.from({ length: count }, () => ({ type: 'lease.noticed', at: 1 }))

/** A table that trips over the first fact that it is for. */
const tripping = {
  name: 'tripping',
  version: 1,
  types: ['lease.noticed'],
  columns: {},
  fold: () => {
    throw new Error('SECRET of a fact')
  },
}
const counting = { ...tripping, name: 'counting', fold: () => undefined }

const started = async () => {
  const journal = memoryJournal()
  const tables = [counting, tripping]
  const projector = await openProjector({ path: ':memory:', journal, tables, clock: systemClock })
  await journal.transact([{ stream: 'lease-1', expected: 0, facts: notices(2) }])
  await expect.poll(() => projector.states()[1]?.stopped?.code, { timeout: 30_000 }).toBe('projector.bad-fold')
  await projector.waitFor(2, 30_000, ['counting'])
  return { journal, projector, clock: systemClock }
}

it('says of each table how far it is, and why it stands still, without what is private', async () => {
  const asked = await started()
  const readiness = await readinessOf(asked)
  expect(readiness).toMatchObject({
    ok: true,
    head: 2,
    tables: [
      { name: 'counting', state: 'current', position: 2, behind: 0 },
      {
        name: 'tripping',
        state: 'stopped',
        position: 0,
        behind: 2,
        stopped: { code: 'projector.bad-fold', position: 1 },
      },
    ],
  })
  expect(JSON.stringify(readiness)).not.toContain('SECRET')
  await asked.projector.close()
})

it('is not ready when a table that stands still is too far behind, and says that waiting does not help', async () => {
  const asked = await started()
  await asked.journal.transact([{ stream: 'lease-1', expected: 2, facts: notices(READY_LAG_FACTS + 1) }])
  expect(await readinessOf(asked)).toMatchObject({
    ok: false,
    reason: 'projector.stopped',
    next: expect.stringContaining('zennet projections ls'),
  })
  await asked.projector.close()
})

it('tells of the tables while the log is away, but not how far they are behind', async () => {
  const asked = await started()
  await asked.journal.close()
  const readiness = await readinessOf(asked)
  expect(readiness).toMatchObject({ ok: false, reason: 'journal.closed' })
  expect(readiness.head).toBeUndefined()
  expect(readiness.tables.map(({ name, behind }) => [name, behind])).toEqual([
    ['counting', undefined],
    ['tripping', undefined],
  ])
  await asked.projector.close()
})

it('is what /readyz answers', async () => {
  const node = await startNode()
  try {
    const response = await fetch(`${node.api.url}/readyz`)
    const { tables } = (await response.json()) as { tables: { name: string; state: string }[] }
    expect(tables.map(({ name, state }) => [name, state])).toEqual(TABLES.map(({ name }) => [name, 'current']))
  } finally {
    await node.close()
  }
})
