import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Place, SubjectKeys } from '../../src/forgetting/port.ts'
import { openSubjectKeys, SUBJECT_KEYS_FORMAT } from '../../src/forgetting/subject-keys.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { UPCASTS } from '../../src/journal/upcasts.ts'
import { systemRandom } from '../../src/random/system.ts'
import { faultOf } from '../contracts/journal.ts'

const LIMIT_MS = 180_000
/** Kills of a writer; each begins some hundred leases. */
const KILLS = 20
const PROGRAM = join(import.meta.dirname, 'append-for-ever.ts')

let folder: string
let path: string
const opened: SubjectKeys[] = []
const open = async (keysKept?: number) => {
  const keys = await openSubjectKeys({ path, random: systemRandom, ...(keysKept ? { keysKept } : {}) })
  opened.push(keys)
  return keys
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zennet-keys-'))
  path = join(folder, 'keys.sqlite')
})
afterEach(async () => {
  for (const keys of opened.splice(0)) keys.close()
  await rm(folder, { recursive: true, force: true })
})
const at = (stream: string): Place => ({ stream, version: 1, type: 'a.b', path: 'c' })

/** Every byte of every file of the folder. */
const everything = async () =>
  Buffer.concat(await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name)))))
const keyOf = (subject: string): Buffer => {
  const db = new DatabaseSync(path)
  const row = db.prepare('SELECT key FROM keys WHERE subject = ?').get(subject) as { key: Uint8Array }
  db.close()
  return Buffer.from(row.key)
}

describe('the keys of subjects', () => {
  it('open what they sealed after the file was closed, for this user alone', async () => {
    const keys = await open()
    const sealed = keys.seal(at('lease-1'), 'words')
    expect(keys.seal(at('lease-1'), 'words')).not.toBe(sealed)
    keys.close()
    opened.pop()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await open()).open(at('lease-1'), sealed)).toEqual({ text: 'words' })
  })

  it('are each a subject’s own', async () => {
    const keys = await open()
    const sealed = keys.seal(at('lease-1'), 'words')
    expect(keys.open(at('lease-2'), sealed)).toBe('hidden')
    keys.seal(at('lease-2'), 'others')
    expect(keys.open(at('lease-2'), sealed)).toBe('hidden')
    expect(() => keys.open({ ...at('lease-1'), path: 'd' }, sealed)).toThrow(/not what was sealed there/)
  })

  it('leave no byte in any file when they are forgotten, and are never made again', async () => {
    const keys = await open()
    const others = Array.from({ length: 200 }, (_, n) => `lease-${n}`)
    const sealed = others.map((subject) => keys.seal(at(subject), `of ${subject}`))
    const found = others.map(keyOf)
    expect((await everything()).includes(found[77]!)).toBe(true)
    for (const n of [0, 77, 199]) keys.forget(others[n]!, 5)
    keys.forget(others[0]!, 6)
    const bytes = await everything()
    for (const [n, key] of found.entries()) {
      const isForgotten = [0, 77, 199].includes(n)
      expect(bytes.includes(key)).toBe(!isForgotten)
      expect(keys.isForgotten(others[n]!)).toBe(isForgotten)
      expect(keys.open(at(others[n]!), sealed[n]!)).toEqual(isForgotten ? 'forgotten' : { text: `of lease-${n}` })
    }
    expect(keys.open(at('lease-0'), keys.seal(at('lease-0'), 'late'))).toBe('forgotten')
    expect(keys.isForgotten('lease-unknown')).toBe(false)
    keys.forget('lease-never-sealed', 7)
    expect(keys.open(at('lease-never-sealed'), keys.seal(at('lease-never-sealed'), 'late'))).toBe('forgotten')
  })

  it('go out of memory when there are too many, and are found again', async () => {
    const keys = await open(4)
    const subjects = Array.from({ length: 50 }, (_, n) => `lease-${n}`)
    const sealed = subjects.map((subject) => keys.seal(at(subject), subject))
    for (const round of [subjects, subjects.toReversed()])
      for (const subject of round)
        expect(keys.open(at(subject), sealed[subjects.indexOf(subject)]!)).toEqual({ text: subject })
  })

  it('are one for each subject also when two nodes make it at once', async () => {
    const [one, two] = [await open(), await open()]
    for (let n = 0; n < 50; n++) {
      const [left, right] = n % 2 ? [one, two] : [two, one]
      const sealed = left.seal(at(`lease-${n}`), 'left')
      expect(right.open(at(`lease-${n}`), sealed)).toEqual({ text: 'left' })
      expect(left.open(at(`lease-${n}`), right.seal(at(`lease-${n}`), 'right'))).toEqual({ text: 'right' })
    }
    two.forget('lease-7', 1)
    // This one has it in memory until it hears of it.
    one.forget('lease-7', 2)
    expect(one.isForgotten('lease-7')).toBe(true)
  })

  it('say that a key could not be overwritten while another process reads the file', async () => {
    const keys = await open()
    const sealed = keys.seal(at('lease-1'), 'words')
    const reader = new DatabaseSync(path)
    reader.exec('BEGIN')
    reader.prepare('SELECT * FROM keys').all()
    expect(() => keys.forget('lease-1', 1)).toThrow(expect.objectContaining({ code: 'keys.locked' }))
    expect(keys.open(at('lease-1'), sealed)).toBe('forgotten')
    reader.exec('COMMIT')
    reader.close()
    keys.forget('lease-1', 2)
  }, 60_000)

  it('are refused from a file that is somebody else’s, newer, damaged, or open to others', async () => {
    await writeFile(path, 'not a database, and not empty', { mode: 0o600 })
    expect(await faultOf(open())).toBe('keys.foreign-file')
    await rm(path)
    ;(await open()).close()
    opened.pop()
    await chmod(path, 0o644)
    expect(await faultOf(open())).toBe('keys.exposed')
    expect((await stat(path)).mode & 0o777).toBe(0o644)
    await chmod(path, 0o600)
    const db = new DatabaseSync(path)
    db.exec(`PRAGMA user_version=${SUBJECT_KEYS_FORMAT.version + 1}`)
    db.close()
    expect(await faultOf(open())).toBe('keys.newer-file')
    const bytes = await readFile(path)
    bytes.fill(7, 4_096)
    bytes.writeUInt32BE(SUBJECT_KEYS_FORMAT.version, 60)
    await writeFile(path, bytes)
    expect(await faultOf(open())).toBe('keys.corrupt')
    path = folder
    expect(await faultOf(open())).toBe('keys.failed')
  })

  it(
    `open every acknowledged fact after kill -9, ${KILLS} times`,
    async () => {
      let checked = 0
      for (let round = 0; round < KILLS; round++) {
        const child = spawn(process.execPath, [PROGRAM, folder, `${round}`], { stdio: ['ignore', 'pipe', 'inherit'] })
        let said = ''
        const enough = 20 + ((round * 37) % 150)
        for await (const chunk of child.stdout.setEncoding('utf8')) {
          said += chunk
          if (said.split('\n').length > enough) break
        }
        child.kill('SIGKILL')
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
        const acknowledged = said.slice(0, said.lastIndexOf('\n')).split('\n')
        const keys = await openSubjectKeys({ path, random: systemRandom })
        const journal = await openSqliteJournal({
          path: join(folder, 'log.sqlite'),
          form: { upcasts: UPCASTS, seals: keys },
        })
        const found = (await journal.readAll(0, { streamPrefix: `lease-${round}-` })).map(({ stream, fact }) => {
          expect(fact).toMatchObject({ remote: `secret of ${stream}` })
          return stream
        })
        expect(new Set(found).isSupersetOf(new Set(acknowledged))).toBe(true)
        checked += acknowledged.length
        await journal.close()
        keys.close()
      }
      expect(checked).toBeGreaterThan(KILLS * 20 - 1)
    },
    LIMIT_MS,
  )
})
