import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Fact } from '../../../domain/fact.ts'
import { FORGOTTEN, PERSONAL, personalFields, standIn, withPersonal } from '../../../domain/forgetting/personal.ts'
import { goldenFiles, goldenStreams } from '../../histories/golden.ts'
import { isCode, readSources } from '../../tidy/source.ts'

/** Somebody has looked at these and found nothing personal; the reasons are in `domain/forgetting/personal.ts`. */
const NOTHING_PERSONAL = [
  ...['announcement.confirmed', 'announcement.expired', 'announcement.judged', 'announcement.restored'],
  ...['announcement.seen', 'announcement.unconfirmed', 'announcement.withdrawn'],
  ...['announcement.lost', 'announcement.unexpired', 'announcement.unseen'],
  ...['lease.challenged', 'lease.funded', 'lease.lapsed', 'lease.matched', 'lease.metered', 'lease.noticed'],
  ...['lease.notice-withdrawn', 'lease.change-wanted'],
  ...['lease.paid', 'lease.receipted', 'lease.refunded', 'lease.released', 'lease.settled', 'lease.starved'],
  ...['lease.inside-read', 'lease.inside-unread'],
  ...['lease.pause-wanted', 'lease.paused', 'lease.resumed', 'lease.shrunk', 'lease.unshrunk'],
  ...['lease.settled-in-part', 'lease.top-up-wanted', 'lease.topped-up'],
  ...['subject.forgotten', 'login.closed', 'login.counted'],
]
const KINDS_WITHOUT = /^(?:chain|index|mempool|channel|wallet|claim|lending|effect|timer|process|request|log)\./

/** Every type of fact that the program can write. */
const types = (): string[] => {
  const texts = readSources()
    .filter((source) => isCode(source) && /^(?:domain|src)\//.test(source.path))
    .map(({ path }) => readFileSync(path, 'utf8'))
  return [
    ...new Set(
      texts.flatMap((text) => [...text.matchAll(/readonly type: '([a-z]+\.[a-z-]+)'/g)].map(([, type]) => type!)),
    ),
  ]
}

describe('personal fields', () => {
  it.each(types())('of %s were decided on', (type) => {
    const decided = [personalFields(type) !== undefined, NOTHING_PERSONAL.includes(type), KINDS_WITHOUT.test(type)]
    expect(decided.filter(Boolean)).toHaveLength(1)
  })

  it('are of facts that there are, and where there are some', () => {
    expect(types()).toEqual(expect.arrayContaining([...Object.keys(PERSONAL), ...NOTHING_PERSONAL]))
    const facts = goldenFiles().flatMap((file) => [...goldenStreams(file).values()].flat())
    for (const [type, fields] of Object.entries(PERSONAL)) {
      const own = facts.filter((fact) => fact.type === type)
      expect([type, own.length > 0]).toEqual([type, true])
      for (const field of fields) {
        const found = own.flatMap((fact) => {
          const values: unknown[] = []
          withPersonal(fact, [field], (value) => values.push(value))
          return values
        })
        expect([type, field.path, found.length]).toEqual([type, field.path, own.length])
        for (const value of found) expect(Array.isArray(value)).toBe(field.form === 'list')
      }
    }
  })

  it('are stood in for in a copy; what is not there stays away', () => {
    const fact = Object.freeze({ type: 'announcement.posted', at: 1, body: Object.freeze({ label: 'a', image: 'i' }) })
    const seen = withPersonal(fact as Fact, PERSONAL['announcement.posted']!, (_, field) => standIn(field, FORGOTTEN))
    expect(seen).toEqual({ type: 'announcement.posted', at: 1, body: { label: FORGOTTEN, image: 'i' } })
    expect(personalFields('toString')).toBeUndefined()
  })
})
