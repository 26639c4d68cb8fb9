import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { Fault } from '../../domain/fault.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'

// Started by a test, and killed by it: 16 writers append pairs of facts, and each acknowledged position is printed. With `wait` it
// begins when it is told something, so that its start costs the test no time; with `thread` the journal is in a thread.
const [path, round, ...modes] = process.argv.slice(2)
if (path === undefined || round === undefined) throw new Error('usage: append-for-ever <path> <round> [wait] [thread]')
if (modes.includes('wait')) await once(process.stdin, 'data')
const journal = await openSqliteJournal({ path, worker: modes.includes('thread') })

const write = async (writer: number): Promise<never> => {
  const [left, right] = [`left-${round}-${writer}`, `right-${round}-${writer}`]
  for (let version = 0; ; version++) {
    const facts = [{ type: 'test.noted', at: version, pad: 'x'.repeat(120) }]
    const position = await journal.transact(
      [
        { stream: left, expected: version, facts },
        { stream: right, expected: version, facts },
      ],
      { commandId: `${round}-${writer}-${version}` },
    )
    writeSync(1, `${position} ${right} .\n`)
  }
}
try {
  await Promise.all(Array.from({ length: 16 }, (_, writer) => write(writer)))
} catch (error) {
  writeSync(1, `fault ${error instanceof Fault ? error.code : error}\n`)
  process.exit(3)
}
