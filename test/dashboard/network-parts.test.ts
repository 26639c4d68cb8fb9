import { expect, it } from 'vitest'
import * as limits from '../../src/api/limits.ts'
import { MAX_FIRST } from '../../src/api/schema/connection.ts'
import { API_LIMITS } from '../../src/dashboard/network/api-limits.ts'
import { judgeChain, judgeEffects, judgeProcess, judgeTables } from '../../src/dashboard/network/judgement.ts'
import { processFigures } from '../../src/dashboard/network/process-figures.ts'
import { matching, type SchemaField, writtenType } from '../../src/dashboard/network/schema-field.ts'
import { pageOf, titleOf } from '../../src/dashboard/notification/words.ts'

const table = { name: 'leases', lagFacts: 0, readable: true, stopped: null, building: null }
const halt = { code: 'projector.bad-fold', retrying: false }

it('tells people the limits that the API has', () => {
  expect(API_LIMITS).toEqual({
    bodyBytes: limits.MAX_BODY_BYTES,
    socketMessageBytes: limits.MAX_SOCKET_MESSAGE_BYTES,
    tokens: limits.MAX_TOKENS,
    depth: limits.MAX_DEPTH,
    aliases: limits.MAX_ALIASES,
    directives: limits.MAX_DIRECTIVES,
    cost: limits.MAX_COST,
    socketSubscriptions: limits.MAX_SOCKET_SUBSCRIPTIONS,
    first: MAX_FIRST,
    deadlineS: limits.EXECUTION_DEADLINE_MS / 1_000,
  })
})

it('calls a part good or not, and then says what to do', () => {
  const bad = [
    judgeChain({ height: null, ageS: undefined, bestHeight: 9 }),
    judgeChain({ height: 5, ageS: 4 * 3_600, bestHeight: null }),
    judgeChain({ height: 5, ageS: 0, bestHeight: 9 }),
    judgeTables([{ ...table, stopped: halt }]),
    judgeTables([{ ...table, building: { stopped: halt } }]),
    judgeTables([{ ...table, readable: false }]),
    judgeTables([{ ...table, lagFacts: 5_000 }]),
    judgeEffects(1),
    judgeProcess({ loopLagS: 0.5, files: 1, mostFiles: 100 }),
    judgeProcess({ loopLagS: 0, files: 90, mostFiles: 100 }),
  ]
  for (const one of bad) expect(one).toMatchObject({ isGood: false, next: expect.stringMatching(/./) })
  const good = [
    judgeChain({ height: 5, ageS: 3_600, bestHeight: 7 }),
    judgeTables([table, { ...table, lagFacts: 9, building: { stopped: null } }]),
    judgeEffects(0),
    judgeProcess({ loopLagS: 0.01, files: 1, mostFiles: 0 }),
  ]
  for (const one of good) expect(one.isGood).toBe(true)
})

it('reads what Prometheus reads', () => {
  const text =
    '# HELP x y\nprocess_open_fds 84\nprocess_max_fds 2e4\nother{a="b"} 1\nnodejs_eventloop_lag_p99_seconds NaN\n'
  expect(processFigures(text)).toMatchObject({ files: 84, mostFiles: 20_000, loopLagS: 0, memoryBytes: 0 })
})

it('writes types as a schema does, and finds fields by all words', () => {
  const named = { kind: 'OBJECT', name: 'Lease' }
  const list = { kind: 'LIST', name: null, ofType: { kind: 'NON_NULL', name: null, ofType: named } }
  expect(writtenType({ kind: 'NON_NULL', name: null, ofType: list })).toBe('[Lease!]!')
  const field = (name: string, description: string | null): SchemaField => ({
    name,
    description,
    args: [],
    type: named,
  })
  const fields = [field('leases', 'What runs.'), field('lease', null), field('blocks', 'Of the chain')]
  expect(matching(fields, 'lease runs').map(({ name }) => name)).toEqual(['leases'])
  expect(matching(fields, ' CHAIN ').map(({ name }) => name)).toEqual(['blocks'])
  expect(matching(fields, 'nothing such')).toEqual([])
})

it('leads from a notification to what it is about', () => {
  expect(pageOf({ subjectKind: 'LEASE', subjectId: 'ab' })).toBe('/lease/ab')
  expect(pageOf({ subjectKind: 'EFFECT', subjectId: 'ab' })).toBe('/health')
  expect(pageOf({ subjectKind: null, subjectId: null })).toBeUndefined()
  expect(titleOf({ kind: 'PAYMENT_RECEIVED', sats: '1234567' })).toBe('Coins came: 1,234,567 sats')
})
