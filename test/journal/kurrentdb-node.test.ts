import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { openSubjectKeys } from '../../src/forgetting/subject-keys.ts'
import { openJournal } from '../../src/node/journal.ts'
import { systemRandom } from '../../src/random/system.ts'
import { faultOf } from '../contracts/journal.ts'
import { startDouble } from './kurrentdb-double/double.ts'

const keys = await openSubjectKeys({ path: ':memory:', random: systemRandom })
const open = (journal: string) =>
  openJournal(
    readConfig({
      flags: { dataDir: join(tmpdir(), 'zennet-none'), journal },
      env: { XDG_CONFIG_HOME: '/nonexistent' },
    }),
    keys,
  )

it.each(['23.10', '25.1'] as const)('a node does not start on a server (a double) of %s', async (version) => {
  const double = await startDouble({ version })
  expect(await faultOf(open(double.url))).toBe('journal.one-stream')
  double.kill()
})

it('a node writes to the log that its settings name (on a double)', async () => {
  const double = await startDouble()
  const journal = await open(`${double.url}#alice`)
  await journal.transact([{ stream: 's', expected: 0, facts: [{ type: 'test.noted', at: 1 }] }])
  await journal.close()
  expect(double.store.log.map(({ stream }) => stream)).toEqual(['alice:s'])
  double.kill()
})

it('knows a place that is none', async () => {
  expect(await faultOf((async () => open('postgres://a'))())).toBe('config.bad-value')
})
