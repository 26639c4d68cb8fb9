import { expect, it } from 'vitest'
import { BOND_VOUT } from '../../domain/announcement/record.ts'
import { leaseStream } from '../../domain/ids.ts'
import { systemClock } from '../../src/clock/system.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { OwnAnnouncements } from '../../src/market/own-announcements.ts'
import { Watched } from '../../src/market/watched.ts'
import { systemRandom } from '../../src/random/system.ts'
import { silent } from '../claim/silent.ts'
import { followUntil } from '../contracts/journal.ts'
import { announcementFacts } from '../domain/announcement/sample.ts'
import { leaseFacts } from '../domain/lease/sample.ts'

const OPEN = 'a'.repeat(64)
const FULL = 'b'.repeat(64)
const LEASE = 'c'.repeat(32)

it('a publisher takes up what an earlier version posted: sets its timer, and withdraws what is full', async () => {
  const journal = memoryJournal()
  const giveUpAt = Date.now() + 10 ** 9
  for (const txid of [OPEN, FULL]) {
    const posted = announcementFacts()['announcement.posted']
    const body = { ...posted.body, count: 1 }
    const fact = { ...posted, txid, body, order: { ...posted.order, giveUpAt } }
    await journal.transact([{ stream: `announcement-${txid}`, expected: 0, facts: [fact] }])
  }
  const { 'lease.sought': sought, 'lease.funded': funded } = leaseFacts(0, 'publisher')
  const facts = [{ ...sought, leaseId: LEASE, announcement: `${FULL}:${BOND_VOUT}` }, funded]
  await journal.transact([{ stream: leaseStream(LEASE), expected: 0, facts }])

  const spent: string[] = []
  const wallet = {
    async spendOutput({ outpoint }: { readonly outpoint: { readonly txid: string } }) {
      spent.push(outpoint.txid)
      return { txid: 'd'.repeat(64) }
    },
  }
  const start = async () => {
    const own = new OwnAnnouncements({
      journal,
      streams: openStreams(journal),
      engine: {} as never,
      wallet: wallet as never,
      clock: systemClock,
      random: systemRandom,
      log: silent,
      watched: new Watched(journal),
    })
    await own.start()
    return own
  }
  const own = await start()
  await followUntil(journal, 0, (seen) => seen.some(({ kind }) => kind === 'fact'), { types: ['effect.done'] })
  await own.close()
  expect(spent).toEqual([FULL])
  const [set] = await journal.read(`timer-give-up:${OPEN}`)
  expect(set?.fact).toMatchObject({ type: 'timer.set', due: giveUpAt, kind: 'give-up', subject: OPEN })
  // Once: not at every start.
  await (await start()).close()
  expect(await journal.read(`timer-give-up:${OPEN}`)).toHaveLength(1)
  expect((await journal.readAll(0, { types: ['effect.asked'] })).length).toBe(1)
})
