import { parse } from 'graphql'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Reader } from '../../../src/api/live/reader.ts'
import { type Subscribe, sharedSubscriptions } from '../../../src/api/live/shared.ts'
import type { ApiContext } from '../../../src/api/schema/context.ts'
import { schema } from '../../../src/api/schema/schema.ts'
import { contextsOf } from '../../../src/api/session/contexts.ts'
import { OWNER, type Principal, type Session } from '../../../src/api/session/principal.ts'
import type { Sessions } from '../../../src/api/session/sessions.ts'
import { systemClock } from '../../../src/clock/system.ts'
import { leaseIdNumber, metered, PROVIDER, PUBLISHER, toMetering } from '../../projections/lease-history.ts'
import { startNode, type TestNode } from '../node.ts'

const LEASE = leaseIdNumber(1)
const DOCUMENT = `subscription ($id: Hex!, $after: Position) { leaseEvents(leaseId: $id, after: $after) {
  __typename ... on LeaseEvent { position version lease { stage } } ... on CaughtUp { position } ... on Lagged { position }
} }`
const document = parse(DOCUMENT)

let node: TestNode
let subscribe: Subscribe
let contexts: (principal: Principal) => ApiContext
let closing: AbortController
/** Rows that were looked up: once for each execution of `DOCUMENT`. */
let executed = 0
let masked: unknown[]
let over: (() => void) | undefined

const alice: Session = {
  kind: 'session',
  id: 'alice',
  key: PUBLISHER,
  scopes: new Set(['read'] as const),
  spendLimitSats: 0n,
  issuedAt: 1,
  expiresAt: 2 ** 50,
}
const bob: Session = { ...alice, id: 'bob', key: PROVIDER }
const mallory: Session = { ...alice, id: 'mallory', key: `02${'9'.repeat(64)}` }
const gone = new Set<string>()

beforeEach(async () => {
  node = await startNode()
  closing = new AbortController()
  executed = 0
  masked = []
  gone.clear()
  subscribe = sharedSubscriptions((error) => {
    masked.push(error)
    return error as Error
  })
  const { market, journal, metrics, projector } = node
  const counting: typeof projector = Object.assign(Object.create(projector), {
    byId: (table: { name: string }, id: string) => {
      executed++
      return projector.byId(table as never, id)
    },
    position: () => projector.position(),
    waitFor: (...args: Parameters<typeof projector.waitFor>) => projector.waitFor(...args),
  })
  const sessions = {
    isLive: (principal: Principal) => principal.kind === 'owner' || !gone.has((principal as Session).id),
    untilOver: () =>
      new Promise<void>((end) => {
        over = end
      }),
  } as unknown as Sessions
  contexts = contextsOf({
    market,
    journal,
    metrics,
    projector: counting,
    clock: systemClock,
    sessions,
    closing: closing.signal,
  })
  await node.append(`lease-${LEASE}`, ...toMetering(LEASE))
})
afterEach(async () => {
  closing.abort()
  await node.close()
})

const begun = toMetering(LEASE).length
const read = async (principal: Principal, after?: number): Promise<Reader> => {
  const variableValues = { id: LEASE, ...(after === undefined ? {} : { after: `${after}` }) }
  const reader = await subscribe({ schema, document, variableValues, contextValue: contexts(principal) })
  if (!(reader instanceof Reader)) throw new Error(JSON.stringify(reader))
  return reader
}
type Item = { __typename: string; position: string; version?: number }
const next = async (reader: Reader): Promise<Item | undefined> => {
  const { value, done } = await reader.next()
  return done === true ? undefined : JSON.parse(value.text).data.leaseEvents
}
/** Reads until everything was told, and begins to wait for more. */
const caughtUp = async (reader: Reader): Promise<number[]> => {
  const versions: number[] = []
  for (;;) {
    const item = await next(reader)
    if (item?.version !== undefined) versions.push(item.version)
    if (item === undefined || item.__typename === 'CaughtUp') return versions
  }
}
const versionsFrom = async (reader: Reader, count: number): Promise<number[]> => {
  const versions: number[] = []
  while (versions.length < count) {
    const item = await next(reader)
    if (item?.version !== undefined) versions.push(item.version)
  }
  return versions
}
const ticks = async (from: number, to: number): Promise<void> => {
  for (let tick = from; tick <= to; tick++) await node.append(`lease-${LEASE}`, metered(LEASE, tick))
}
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const openCount = async (): Promise<number> => (await node.metrics.subscriptions.get()).values[0]?.value ?? 0

describe('subscribers of the same', () => {
  it('are answered by one execution, with one text, wherever each of them began', async () => {
    const readers = await Promise.all(range(0, begun).map((after) => read(OWNER, after)))
    const before = await Promise.all(readers.map(caughtUp))
    expect(before).toEqual(readers.map((_, after) => range(after + 1, begun)))
    const waiting = readers.map((reader) => reader.next())
    await new Promise(setImmediate)
    executed = 0
    await ticks(1, 1)
    const texts = (await Promise.all(waiting)).map(({ value }) => value.text)
    expect(new Set(texts).size).toBe(1)
    expect(executed).toBe(1)
    expect(JSON.parse(texts[0]).data.leaseEvents.version).toBe(begun + 1)
    await Promise.all(readers.map((reader) => reader.return()))
    expect(await openCount()).toBe(0)
  })

  it('join and leave at random while facts come, without gap or duplicate', async () => {
    const most = 60
    const writing = ticks(1, most)
    const follow = async (seed: number): Promise<number[]> => {
      const versions: number[] = []
      let after = 0
      for (let cut = seed; versions.length < begun + most; cut++) {
        const reader = await read(OWNER, after)
        for (let left = 1 + ((cut * 7) % 11); left > 0 && versions.length < begun + most; left--) {
          const item = await next(reader)
          if (item?.version === undefined) continue
          versions.push(item.version)
          after = Number(item.position)
          if (cut % 3 === 0) await new Promise(setImmediate)
        }
        await reader.return()
      }
      return versions
    }
    const all = await Promise.all(range(1, 12).map(follow))
    await writing
    for (const versions of all) expect(versions).toEqual(range(1, begun + most))
    expect(await openCount()).toBe(0)
  })

  it('do not wait for one who stalls, and it misses nothing and keeps little', async () => {
    const stalled = await read(OWNER)
    const quick = await read(OWNER)
    await Promise.all([caughtUp(stalled), caughtUp(quick)])
    // It asks once, so it reads along, and then does not ask again.
    const first = stalled.next()
    const most = 300
    const told = versionsFrom(quick, most)
    await ticks(1, most)
    expect(await told).toEqual(range(begun + 1, begun + most))
    expect(JSON.parse((await first).value.text).data.leaseEvents.version).toBe(begun + 1)
    executed = 0
    expect(await versionsFrom(stalled, most - 1)).toEqual(range(begun + 2, begun + most))
    // What it was not kept it asked the log for by itself, and reads along again after that.
    expect(executed).toBeGreaterThan(most / 2)
    const both = [next(stalled), next(quick)]
    await ticks(most + 1, most + 1)
    expect((await Promise.all(both)).map((item) => item?.version)).toEqual([begun + most + 1, begun + most + 1])
    await Promise.all([stalled.return(), quick.return()])
  })
})

describe('subscribers with other rights', () => {
  it('do not share, and are told what is theirs', async () => {
    const readers = await Promise.all([OWNER, alice, bob].map((who) => read(who)))
    for (const reader of readers) expect(await caughtUp(reader)).toEqual(range(1, begun))
    const foreign = await read(mallory)
    expect(await caughtUp(foreign)).toEqual([])
    const nothing = foreign.next()
    const waiting = readers.map((reader) => reader.next())
    await ticks(1, 1)
    for (const event of await Promise.all(waiting)) expect(event.value.text).toContain(`"version":${begun + 1}`)
    await foreign.return()
    expect((await nothing).done).toBe(true)
    await Promise.all(readers.map((reader) => reader.return()))
  })

  it('are told nothing any more when their session is over, also while they wait', async () => {
    const reader = await read(alice)
    await caughtUp(reader)
    const waiting = reader.next()
    over?.()
    await expect(waiting).rejects.toMatchObject({ extensions: { code: 'api.session-over' } })
    const other = await read(alice)
    gone.add('alice')
    await expect(other.next()).rejects.toMatchObject({ extensions: { code: 'api.session-over' } })
    expect(await openCount()).toBe(0)
  })
})

describe('the end', () => {
  it('comes to all when the server closes', async () => {
    const readers = await Promise.all([read(OWNER), read(OWNER)])
    await Promise.all(readers.map(caughtUp))
    const waiting = readers.map((reader) => reader.next())
    closing.abort()
    expect((await Promise.all(waiting)).map(({ done }) => done)).toEqual([true, true])
    expect(await openCount()).toBe(0)
  })

  it('is a fault for all when the log is closed, masked', async () => {
    const readers = await Promise.all([read(OWNER), read(OWNER)])
    await Promise.all(readers.map(caughtUp))
    const waiting = readers.map((reader) => reader.next().catch((error: unknown) => error))
    await new Promise(setImmediate)
    await node.journal.close()
    expect(await Promise.all(waiting)).toMatchObject([{ code: 'journal.closed' }, { code: 'journal.closed' }])
    expect(masked).toHaveLength(2)
    expect(await openCount()).toBe(0)
  })
})
