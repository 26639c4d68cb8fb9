import { writeSync } from 'node:fs'
import { openSubjectKeys } from '../../src/forgetting/subject-keys.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { UPCASTS } from '../../src/journal/upcasts.ts'
import { systemRandom } from '../../src/random/system.ts'

// Started by a test, and killed by it: 8 writers begin one lease after the other, and each acknowledged one is printed.
const [folder, round] = process.argv.slice(2)
if (folder === undefined || round === undefined) throw new Error('usage: append-for-ever <folder> <round>')
const keys = await openSubjectKeys({ path: `${folder}/keys.sqlite`, random: systemRandom })
const journal = await openSqliteJournal({ path: `${folder}/log.sqlite`, form: { upcasts: UPCASTS, seals: keys } })
const write = async (writer: number): Promise<never> => {
  for (let n = 0; ; n++) {
    const stream = `lease-${round}-${writer}-${n}`
    const remote = `secret of ${stream}`
    await journal.transact([{ stream, expected: 0, facts: [{ type: 'lease.connected', at: n, remote } as never] }])
    writeSync(1, `${stream}\n`)
  }
}
await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)))
