import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ForgettingFact } from '../../domain/forgetting/facts.ts'
import { leaseStream } from '../../domain/ids.ts'
import { leases } from '../../projections/leases.ts'
import { leaseIdNumber } from '../projections/lease-history.ts'
import { filesWith, newFolder, openPlace, removeFolder } from './place.ts'
import { secretOf } from './secret-lease.ts'

const LIMIT_MS = 240_000
const KILLS = 10
const PROGRAM = join(import.meta.dirname, 'forget-for-ever.ts')

let folder: string
beforeEach(async () => {
  folder = await newFolder()
})
afterEach(() => removeFolder(folder))

/** Forgets leases from `first` on, until it is killed somewhere behind the one before `until`. @returns those that it said were forgotten */
const killed = async (first: number, until: number): Promise<number[]> => {
  const child = spawn(process.execPath, [PROGRAM, folder, `${first}`], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    said += chunk
    if (said.split('\n').length > until) break
  }
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return said.slice(0, said.lastIndexOf('\n')).split('\n').map(Number)
}

it(
  `what was forgotten stays so after kill -9, and what was half forgotten is at the next start, ${KILLS} times`,
  async () => {
    let next = 1
    for (let round = 0; round < KILLS; round++) {
      const forgotten = await killed(next, 2 + (round % 4))
      for (const n of forgotten) expect([n, await filesWith(folder, secretOf(n))]).toEqual([n, []])
      const place = await openPlace(folder)
      await place.projector.waitFor(await place.journal.head(), 30_000)
      const facts = await place.journal.readAll(0, { types: ['subject.forgotten'] })
      // A lease's logins are forgotten with it: here nobody logged in.
      const subjects = facts
        .map(({ fact }) => (fact as ForgettingFact).subject)
        .filter((subject) => subject.startsWith('lease-'))
      expect(subjects).toEqual(expect.arrayContaining(forgotten.map((n) => leaseStream(leaseIdNumber(n)))))
      for (const subject of subjects) {
        expect((await place.journal.read(subject))[0]).toMatchObject({ personal: 'forgotten' })
        expect(place.projector.byId(leases, subject.slice('lease-'.length))).toMatchObject({ forgotten: true })
      }
      await place.close()
      next = Math.max(...forgotten) + 2
      for (let n = 1; n < next; n++) {
        const isForgotten = subjects.includes(leaseStream(leaseIdNumber(n)))
        if (isForgotten) expect([n, await filesWith(folder, secretOf(n))]).toEqual([n, []])
      }
    }
    expect(next).toBeGreaterThan(2 * KILLS)
  },
  LIMIT_MS,
)
