import { appendFileSync, writeSync } from 'node:fs'
import { effectId } from '../../domain/effect/effect.ts'
import { fenced } from '../../src/claim/fenced.ts'
import { logClaims } from '../../src/claim/log.ts'
import { soleClaims } from '../../src/claim/sole.ts'
import { whileHeld } from '../../src/claim/while-held.ts'
import { systemClock } from '../../src/clock/system.ts'
import type { Journal } from '../../src/journal/port.ts'
import { openSnapshots } from '../../src/journal/snapshots.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { Processes } from '../../src/process/processes.ts'
import { askStep, timerStep } from '../../src/process/steps.ts'
import { systemRandom } from '../../src/random/system.ts'
import { silent } from '../claim/silent.ts'

// Started by a test, and killed by it: asks for effects and sets timers in the log, and does what is asked for while it has the claim.
// Each effect is a line of a file: its id and the process that did it. With `quiet` it asks for nothing; with `sole` nobody else may
// have the claim, and a killed process is not waited for.
const [path = '', done = '', snapshotsPath = '', round = '', ...modes] = process.argv.slice(2)
/** Subjects that effects are spread over; the effects of one are done in order. */
const SUBJECTS = 20
/** Long for a test: a machine that is busy is not a node that is silent. */
const TTL_MS = 6_000

const journal = await openSqliteJournal({ path })
const streams = openStreams(journal)
const never = new AbortController()

const kinds = {
  work: {
    async do({ id }: { readonly id: string }) {
      appendFileSync(done, `${id} ${process.pid}\n`)
      await systemClock.sleep(1)
      return undefined
    },
  },
}

const work = async (own: Journal, held: AbortSignal): Promise<void> => {
  const snapshots = await openSnapshots({ path: snapshotsPath, log: silent })
  const parts = { kinds, snapshots, clock: systemClock, random: systemRandom, log: silent }
  const processes = new Processes({ ...parts, journal: own, streams: openStreams(own), name: 'work' })
  writeSync(1, 'has the claim .\n')
  await new Promise<void>((resolve) => held.addEventListener('abort', () => resolve(), { once: true }))
  await processes.close()
  await snapshots.close()
}

const claims = modes.includes('sole')
  ? soleClaims()
  : logClaims({ journal, streams, clock: systemClock, random: systemRandom, log: silent, ttlMs: TTL_MS })
void whileHeld(claims, 'work', never.signal, (held) => work(fenced(journal, held), held.signal))

for (let i = 0; !modes.includes('quiet'); i++) {
  const at = Date.now()
  const subject = `${i % SUBJECTS}`
  const cause = { stream: `cause-${round}-${process.pid}`, expected: i, facts: [{ type: 'test.noted', at }] }
  await streams.transact(
    [
      askStep(at, { id: effectId(round, process.pid, i), kind: 'work', subject }),
      timerStep(at, { key: `${round}:${process.pid}:${i}`, due: at + (i % 50), kind: 'work', subject }),
    ],
    { also: [cause] },
  )
  writeSync(1, `asked ${i} .\n`)
}
