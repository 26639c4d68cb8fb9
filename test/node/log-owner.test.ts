import { expect, it } from 'vitest'
import { memoryJournal } from '../../src/journal/memory.ts'
import { checkLogOwner } from '../../src/node/log-owner.ts'
import { faultOf } from '../contracts/journal.ts'

const own = { identity: `02${'1'.repeat(64)}`, network: 'regtest' }

it('lets nodes with the same wallet share a log, and no others', async () => {
  const journal = memoryJournal()
  await Promise.all([1, 2, 3].map((now) => checkLogOwner(journal, own, now)))
  expect(await journal.head()).toBe(1)
  for (const other of [
    { ...own, identity: `03${'1'.repeat(64)}` },
    { ...own, network: 'xencoin-dev' },
  ]) {
    expect(await faultOf(checkLogOwner(journal, other, 9))).toBe('node.other-log')
  }
  expect(await journal.head()).toBe(1)
})
