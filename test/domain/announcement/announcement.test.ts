import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AnnouncementCommand,
  type AnnouncementRefusal,
  announcement,
} from '../../../domain/announcement/announcement.ts'
import { type AnnouncementBody, bodyHash } from '../../../domain/announcement/body.ts'
import type { AnnouncementFact } from '../../../domain/announcement/facts.ts'
import { toHex } from '../../../domain/bytes.ts'
import { isRefusal } from '../../../domain/fact.ts'
import { fold, given } from '../../specification.ts'
import { AT, announcementFacts, BODY, NO, RECORD, YES } from './sample.ts'

const f = announcementFacts()
const posted = f['announcement.posted']
const seen = f['announcement.seen']
const confirmed = f['announcement.confirmed']
const unconfirmed = f['announcement.unconfirmed']
const described = f['announcement.described']
const withdrawn = f['announcement.withdrawn']
const restored = f['announcement.restored']
const expired = f['announcement.expired']
const at = AT

/** As the first release computed it: a change would orphan every announcement on the chain. */
const BODY_HASH = 'e53fae4e8cb3b42a49ad929aad5bbfd426af347bbb8320985ac849dbcc608891'

const post: AnnouncementCommand = { ...posted, kind: 'post' }
const see: AnnouncementCommand = { ...seen, kind: 'see' }
const confirm = (height = 100): AnnouncementCommand => ({ kind: 'confirm', at, height })
const unconfirm: AnnouncementCommand = { kind: 'unconfirm', at }
const tell = (body = BODY): AnnouncementCommand => ({ kind: 'describe', at, body })
const withdraw: AnnouncementCommand = { kind: 'withdraw', at, by: withdrawn.by }
const restore: AnnouncementCommand = { kind: 'restore', at }
const expire = (height: number): AnnouncementCommand => ({ kind: 'expire', at, height })

describe('an announcement', () => {
  it('of one’s own is posted, then seen, then confirmed', () => {
    given(announcement).when(post).yields(posted)
    given(announcement, posted).when(see).yields(seen)
    const { value, context } = given(announcement, posted, seen).when(confirm()).yields(confirmed)
    expect(value).toBe('standing')
    expect(context).toMatchObject({ own: true, body: BODY, order: posted.order, height: 100, author: seen.author })
  })

  it('of one’s own may be seen before it is known to be one’s own', () => {
    const { value, context } = given(announcement, seen, confirmed).when(post).yields(posted)
    expect(value).toBe('standing')
    expect(context).toEqual(fold(announcement, [posted, seen, confirmed]).context)
  })

  it('of others is seen, described and judged', () => {
    const { context } = given(announcement, seen).when(tell()).yields(described)
    expect(context).toMatchObject({ own: false, body: BODY, order: undefined, record: RECORD })
    const judged = { type: 'announcement.judged', at, verdict: YES } as const
    given(announcement, seen, described).when({ kind: 'judge', at, verdict: YES }).yields(judged)
    given(announcement, seen, judged).when({ kind: 'judge', at, verdict: YES }).changesNothing()
    given(announcement, seen, judged)
      .when({ kind: 'judge', at, verdict: NO })
      .yields({ ...judged, verdict: NO })
  })

  it('that is known stays as it is', () => {
    given(announcement, posted).when(post).changesNothing()
    given(announcement, posted, seen).when(post).changesNothing()
    given(announcement, seen, posted).when(post).changesNothing()
    given(announcement, seen, withdrawn).when(post).changesNothing()
    given(announcement, seen).when(see).changesNothing()
    given(announcement, seen, confirmed).when(confirm()).changesNothing()
    given(announcement, seen).when(unconfirm).changesNothing()
    given(announcement, seen, described).when(tell()).changesNothing()
    given(announcement, posted, seen).when(tell()).changesNothing()
    given(announcement, seen, withdrawn).when(withdraw).changesNothing()
    given(announcement, seen).when(restore).changesNothing()
    given(announcement, seen, expired).when(expire(2_000)).changesNothing()
    given(announcement, seen, withdrawn).when(expire(2_000)).changesNothing()
  })
})

describe('a body', () => {
  it.each<[string, Partial<AnnouncementBody>]>([
    ['label', { label: 'renderer' }],
    ['image', { image: 'zennet/busybox:2' }],
    ['resources', { resources: { ...BODY.resources, pids: 129 } }],
    ['isolation', { isolation: 'container' }],
    ['machineNetwork', { machineNetwork: 'bridge' }],
    ['count', { count: 3 }],
    ['maxHourlyMsat', { maxHourlyMsat: 40_000_001n }],
    ['maxDurationMs', { maxDurationMs: 3_600_001 }],
  ])('with another %s is not the one whose hash is on the chain', (_field, change) => {
    given(announcement, seen)
      .when(tell({ ...BODY, ...change }))
      .refuses('wrong-body')
  })

  it('has the hash that it always had', () => {
    expect(toHex(bodyHash(BODY))).toBe(BODY_HASH)
    expect(RECORD.bodyHash).toBe(BODY_HASH)
  })

  it('is not taken before there is a record of it', () => {
    given(announcement).when(tell()).refuses('wrong-body')
  })
})

describe('a reorganisation', () => {
  it('takes a confirmation back, and the next block gives another', () => {
    given(announcement, seen, confirmed).when(unconfirm).yields(unconfirmed)
    expect(fold(announcement, [seen, confirmed, unconfirmed])).toMatchObject({ value: 'standing' })
    expect(fold(announcement, [seen, confirmed, unconfirmed]).context).toEqual(fold(announcement, [seen]).context)
    given(announcement, seen, confirmed, unconfirmed)
      .when(confirm(101))
      .yields({ ...confirmed, height: 101 })
  })

  it('takes a withdrawal back, with all as it was', () => {
    const before = [seen, confirmed, described]
    const { value, context } = given(announcement, ...before, withdrawn)
      .when(restore)
      .yields(restored)
    expect(value).toBe('standing')
    expect(context).toEqual(fold(announcement, before).context)
  })

  it('takes the confirmation of a withdrawn one back', () => {
    const { value, context } = given(announcement, seen, confirmed, withdrawn).when(unconfirm).yields(unconfirmed)
    expect(value).toBe('withdrawn')
    expect(context.height).toBeUndefined()
  })

  it('to and fro leaves what the last block says, in any order', () => {
    const step = fc.constantFrom<AnnouncementCommand>(confirm(100), confirm(101), unconfirm, withdraw, restore)
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let state = fold(announcement, [seen])
        let height: number | undefined
        let isSpent = false
        for (const command of steps) {
          const decided = announcement.decide(command, state)
          if (isRefusal(decided)) throw new Error(decided.refused)
          for (const fact of decided as readonly AnnouncementFact[]) state = announcement.evolve(state, fact)
          if (command.kind === 'confirm') height = command.height
          if (command.kind === 'unconfirm') height = undefined
          if (command.kind === 'withdraw') isSpent = true
          if (command.kind === 'restore') isSpent = false
          expect(state.context.height).toBe(height)
          expect(state.value).toBe(isSpent ? 'withdrawn' : 'standing')
        }
      }),
    )
  })
})

describe('expiry', () => {
  it('comes at the height in the record, not a block before', () => {
    given(announcement, seen)
      .when(expire(RECORD.expiryHeight - 1))
      .refuses('not-yet-expired')
    given(announcement, seen)
      .when(expire(RECORD.expiryHeight))
      .yields({ ...expired, height: RECORD.expiryHeight })
    given(announcement, seen)
      .when(expire(RECORD.expiryHeight + 9))
      .yields({ ...expired, height: RECORD.expiryHeight + 9 })
  })

  it('leaves the bond to be taken back', () => {
    given(announcement, seen, expired).when(withdraw).yields(withdrawn)
  })

  it('is for what stands on the chain only', () => {
    given(announcement).when(expire(5_000)).refuses('illegal')
    given(announcement, posted).when(expire(5_000)).refuses('illegal')
  })
})

/** Every code has a case; the type sees to it. */
const REFUSALS: { readonly [Code in AnnouncementRefusal]: readonly [AnnouncementFact[], AnnouncementCommand] } = {
  'wrong-body': [[seen], tell({ ...BODY, count: 9 })],
  'not-yet-expired': [[seen], expire(1)],
}

describe('an announcement refuses with', () => {
  it.each(Object.entries(REFUSALS))('%s', (code, [history, command]) => {
    given(announcement, ...history)
      .when(command)
      .refuses(code as AnnouncementRefusal)
  })

  it.each<[string, AnnouncementFact[], AnnouncementCommand]>([
    ['confirmation of an unknown one', [], confirm()],
    ['withdrawal of an unknown one', [], withdraw],
    ['confirmation of one that was only posted', [posted], confirm()],
    ['a verdict on one that is withdrawn', [seen, withdrawn], { kind: 'judge', at, verdict: YES }],
    ['a body for one that is withdrawn', [seen, withdrawn], tell()],
    ['a verdict on one that has expired', [seen, expired], { kind: 'judge', at, verdict: YES }],
  ])('illegal: %s', (_what, history, command) => {
    given(announcement, ...history)
      .when(command)
      .refuses('illegal')
  })
})
