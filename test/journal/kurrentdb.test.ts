import { randomUUID } from 'node:crypto'
import { describe } from 'vitest'
import { openKurrentdbJournal } from '../../src/journal/kurrentdb.ts'
import { journalContract } from '../contracts/journal.ts'
import { counted } from './kurrentdb-double/counted.ts'
import { startDouble } from './kurrentdb-double/double.ts'

const title = 'kurrentdb against a double of its protocol (proves the adapter against the wire, not against a server)'
journalContract(title, async () => {
  const { url, store, kill } = await startDouble()
  const positions = async (after: number) => store.log.map(({ position }) => position).filter((one) => one > after)
  return { journal: counted(await openKurrentdbJournal({ url }), positions), remove: async () => kill() }
})

// Not a part that can be had from npm or Debian: whoever has a server names it, and the same list runs against it.
const url = process.env['ZENNET_KURRENTDB_URL']
describe.skipIf(!url)('a real server, named by ZENNET_KURRENTDB_URL', () => {
  journalContract('kurrentdb', async () => {
    const named = `${url}#t${randomUUID().replaceAll('-', '')}`
    const second = await openKurrentdbJournal({ url: named })
    const positions = async (after: number) => (await second.readAll(after)).map(({ position }) => position)
    return { journal: counted(await openKurrentdbJournal({ url: named }), positions), remove: () => second.close() }
  })
})
