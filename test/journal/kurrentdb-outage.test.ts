import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type KurrentdbJournal, openKurrentdbJournal } from '../../src/journal/kurrentdb.ts'
import { faultOf, followUntil } from '../contracts/journal.ts'
import { type Double, startDouble } from './kurrentdb-double/double.ts'

const fact = (n: number) => ({ type: 'test.noted', at: n, n })
const next = (n: number) => [{ stream: 's', expected: n, facts: [fact(n)] }]

/** Sends a command until the server takes it. @returns the codes of the faults on the way */
const untilTaken = async (act: () => Promise<unknown>): Promise<string[]> => {
  const codes: string[] = []
  for (;;) {
    const code = await act().then(
      () => undefined,
      (error) => error.code as string,
    )
    if (code === undefined) return codes
    codes.push(code)
  }
}

describe('a server that goes away and comes back (a double of it)', () => {
  let double: Double
  let journal: KurrentdbJournal
  beforeEach(async () => {
    double = await startDouble()
    journal = await openKurrentdbJournal({ url: double.url })
  })
  afterEach(async () => {
    await journal.close()
    double.kill()
  })
  const restart = async () => {
    double = await startDouble({ store: double.store, port: double.port })
  }

  it('loses and doubles nothing for a follower', async () => {
    for (let n = 0; n < 10; n++) await journal.transact(next(n))
    const following = followUntil(journal, 0, (seen) => seen.filter(({ kind }) => kind === 'fact').length >= 40)
    for (let n = 10; n < 40; n++) {
      if (n % 10 === 5) {
        double.kill()
        expect(await faultOf(journal.transact(next(n), { commandId: `c-${n}` }))).toBe('journal.unavailable')
        await restart()
      }
      await untilTaken(() => journal.transact(next(n), { commandId: `c-${n}` }))
    }
    const seen = (await following).flatMap((one) => (one.kind === 'fact' ? [one.recorded.fact.at] : []))
    expect(seen).toEqual(Array.from({ length: 40 }, (_, n) => n))
  })

  it.each([1, 3])('writes a command once when its answer was lost (%i streams)', async (count) => {
    const appends = Array.from({ length: count }, (_, i) => ({
      stream: `s-${i}`,
      expected: 0,
      facts: [fact(1), fact(2)],
    }))
    double.dieAfterNextWrite()
    expect(await faultOf(journal.transact(appends, { commandId: 'c' }))).toBe('journal.unavailable')
    expect(double.store.log).toHaveLength(2 * count)
    await restart()
    await untilTaken(() => journal.transact(appends, { commandId: 'c' }))
    expect(double.store.log).toHaveLength(2 * count)
    expect(await journal.transact(appends, { commandId: 'c' })).toBe(await journal.head())
  })

  it('gives a conflict, and no second fact, when the lost command had no id', async () => {
    double.dieAfterNextWrite()
    expect(await faultOf(journal.transact(next(0)))).toBe('journal.unavailable')
    await restart()
    expect(new Set(await untilTaken(() => journal.transact(next(0)).catch(retried)))).not.toContain('journal.failed')
    expect(double.store.log).toHaveLength(1)
  })

  it('knows commands of before it was opened, also with another version', async () => {
    const position = await journal.transact(next(0), { commandId: 'c' })
    await journal.transact(next(1))
    await journal.close()
    journal = await openKurrentdbJournal({ url: double.url })
    expect(await journal.transact(next(2), { commandId: 'c' })).toBe(position)
    expect(double.store.log).toHaveLength(2)
  })

  it('closes while there is no server, and tells followers', async () => {
    const following = faultOf(followUntil(journal, 0, () => false))
    double.kill()
    expect(await faultOf(journal.read('s'))).toBe('journal.unavailable')
    await journal.close()
    expect(await following).toBe('journal.closed')
    expect(await faultOf(openKurrentdbJournal({ url: double.url }))).toBe('journal.unavailable')
  })
})

/** A conflict is an answer too. */
const retried = (error: { readonly code: string }): void => {
  if (error.code !== 'journal.conflict') throw error
}
