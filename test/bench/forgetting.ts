import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Fact } from '../../domain/fact.ts'
import { openSubjectKeys } from '../../src/forgetting/subject-keys.ts'
import { FACT_FORM, type FactForm } from '../../src/journal/fact-form.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { UPCASTS } from '../../src/journal/upcasts.ts'
import { systemRandom } from '../../src/random/system.ts'
import { leaseIdNumber, metered, offered } from '../projections/lease-history.ts'

// node test/bench/forgetting.ts — CPU of one fact, written and read, with and without keys; the engine is memory, so that only the
// form of facts is measured. Rounds of both take turns; the best of each counts.
const FACTS = 20_000
const ROUNDS = 7

const folder = mkdtempSync(join(tmpdir(), 'zennet-bench-'))
const keys = await openSubjectKeys({ path: join(folder, 'keys.sqlite'), random: systemRandom })
const FORMS: Readonly<Record<string, FactForm>> = { 'no keys': FACT_FORM, keys: { upcasts: UPCASTS, seals: keys } }

const cpuUs = async (work: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / FACTS
}

const run = async (fact: Fact, form: FactForm): Promise<readonly [write: number, read: number]> => {
  const journal = memoryJournal(form)
  const facts = Array.from({ length: 1_000 }, () => fact)
  const write = await cpuUs(async () => {
    for (let at = 0; at < FACTS; at += facts.length)
      await journal.transact([{ stream: 'lease-1', expected: at, facts }])
  })
  const read = await cpuUs(async () => {
    for (let at = 0; at < FACTS; ) at += (await journal.readAll(at, undefined, 1_000)).length
  })
  return [write, read]
}

console.log('| fact | keys | write, us | read, us |\n| --- | --- | --- | --- |')
for (const fact of [metered(leaseIdNumber(1), 7), offered(leaseIdNumber(1))]) {
  const best = new Map<string, readonly [number, number]>()
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, form] of Object.entries(FORMS)) {
      const [write, read] = await run(fact, form)
      const [w, r] = best.get(name) ?? [write, read]
      best.set(name, [Math.min(w, write), Math.min(r, read)])
    }
  for (const [name, [write, read]] of best)
    console.log(`| ${fact.type} | ${name} | ${write.toFixed(2)} | ${read.toFixed(2)} |`)
}

const FRESH = 2_000
const begun = process.hrtime.bigint()
for (let n = 0; n < FRESH; n++) keys.seal({ stream: `fresh-${n}`, version: 1, type: 'a.b', path: 'c' }, '"words"')
const each = Number(process.hrtime.bigint() - begun) / 1e3 / FRESH
console.log(`\nthe first field of a subject, its key on the disk: ${each.toFixed(0)} us of wall time`)
keys.close()
rmSync(folder, { recursive: true })
