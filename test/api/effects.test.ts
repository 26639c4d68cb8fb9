import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock/system.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { openEffectCommands } from '../../src/market/effect-commands.ts'
import { effectFacts } from '../domain/effect/sample.ts'
import { timerFacts } from '../domain/timer/sample.ts'
import { ask, smallMarket, startNode, type TestNode } from './node.ts'

const WAIT_MS = 30_000
const ID = 'e'.repeat(32)
const OTHER = 'f'.repeat(32)
const facts = effectFacts()

type Listed = { readonly edges: readonly { readonly cursor: string; readonly node: Record<string, unknown> }[] }
type Told = { readonly told: Record<string, unknown> }

describe('effects and timers in the API', () => {
  let node: TestNode
  beforeEach(async () => {
    const journal = memoryJournal()
    const streams = openStreams(journal)
    const market = { ...smallMarket(journal), effects: openEffectCommands({ journal, streams, clock: systemClock }) }
    node = await startNode(0, { market, journal })
  })
  afterEach(() => node.close())

  const tell = async (mutation: string, effectId: string, key: string) => {
    const { data, errors } = await ask<Told>(
      node,
      `mutation($input: EffectInput!) { told: ${mutation}(input: $input) {
        __typename
        ... on EffectTold { effect { state endedAt } }
        ... on Problem { code }
        ... on StateConflict { state accepts }
      } }`,
      { input: { effectId, idempotencyKey: key } },
    )
    expect(errors).toBeUndefined()
    return data?.told
  }

  it('are listed, filtered, sorted and paged, and are nodes', async () => {
    await node.append(`effect-${ID}`, facts['effect.asked'], facts['effect.parked'])
    const position = await node.append(`effect-${OTHER}`, { ...facts['effect.asked'], kind: 'give-up' } as never)
    const list = async (args: string) => {
      const { data, errors } = await ask<{ effects: Listed }>(
        node,
        `{ effects(atLeast: "${position}", ${args}) { edges { cursor node { id effectId state kind attempts failureCode failureNext } } } }`,
      )
      expect(errors).toBeUndefined()
      return data!.effects.edges
    }
    expect((await list('first: 10')).map(({ node: it }) => it['effectId'])).toEqual([OTHER, ID])
    const [parked] = await list('first: 10, filter: { state: [PARKED] }')
    expect(parked?.node).toMatchObject({
      effectId: ID,
      state: 'PARKED',
      attempts: 8,
      failureCode: 'market.not-withdrawn',
      failureNext: 'Wait.',
    })
    expect(await list('first: 10, filter: { kind: ["give-up"], state: [OPEN] }')).toHaveLength(1)
    const [first] = await list('first: 1, orderBy: { by: BEGAN, direction: ASCENDING }')
    const [second] = await list(`first: 1, after: "${first!.cursor}", orderBy: { by: BEGAN, direction: ASCENDING }`)
    expect([first, second].map((edge) => edge?.node['effectId'])).toEqual([ID, OTHER])
    const { data } = await ask(node, `{ node(id: "${parked!.node['id']}") { ... on Effect { effectId } } }`)
    expect(data).toEqual({ node: { effectId: ID } })
  })

  it('are replayed when they are parked, and dropped; else it is a conflict that says what can follow', async () => {
    await node.append(`effect-${ID}`, facts['effect.asked'], facts['effect.parked'])
    const replayed = { __typename: 'EffectTold', effect: { state: 'OPEN', endedAt: null } }
    expect(await tell('replayEffect', ID, 'one')).toEqual(replayed)
    expect(await tell('replayEffect', ID, 'one')).toEqual(replayed)
    expect((await node.journal.read(`effect-${ID}`)).map(({ fact }) => fact.type)).toEqual([
      'effect.asked',
      'effect.parked',
      'effect.replayed',
    ])
    expect(await tell('dropEffect', ID, 'two')).toMatchObject({ effect: { state: 'DROPPED' } })
    expect(await tell('replayEffect', ID, 'three')).toEqual({
      __typename: 'StateConflict',
      code: 'state-conflict',
      state: 'dropped',
      accepts: [],
    })
    expect(await tell('dropEffect', OTHER, 'four')).toEqual({ __typename: 'Refused', code: 'not-found' })
  })

  it('timers are listed, the next one first', async () => {
    const set = timerFacts()['timer.set']
    await node.append('timer-late', { ...set, due: set.due + 1_000 } as never)
    await node.append('timer-gone', set, timerFacts()['timer.fired'])
    const position = await node.append('timer-soon', set)
    const { data, errors } = await ask<{ timers: Listed; timer: object }>(
      node,
      `{ timers(atLeast: "${position}", filter: { state: [SET] }, orderBy: { by: DUE, direction: ASCENDING }) {
           edges { node { key state } } }
         timer(key: "gone") { state endedAt } }`,
    )
    expect(errors).toBeUndefined()
    expect(data?.timers.edges.map(({ node: it }) => it['key'])).toEqual(['soon', 'late'])
    expect(data?.timer).toMatchObject({ state: 'FIRED', endedAt: expect.any(String) })
  })

  it('are measured: what is open, parked and how old', async () => {
    await node.append(`effect-${ID}`, facts['effect.asked'], facts['effect.parked'])
    await node.append(`effect-${OTHER}`, { ...facts['effect.asked'], at: Date.now() - 100_000 } as never)
    await node.projector.waitFor(await node.append('timer-a', timerFacts()['timer.set']), WAIT_MS)
    const text = await (await fetch(`${node.api.url}/metrics`)).text()
    expect(text).toContain('zennet_effects{state="open"} 1')
    expect(text).toContain('zennet_effects{state="parked"} 1')
    expect(text).toContain('zennet_timers 1')
    expect(text).toContain('zennet_projections_stopped 0')
    expect(Number(/^zennet_effect_oldest_open_seconds (.+)$/m.exec(text)?.[1])).toBeGreaterThanOrEqual(100)
  })
})

it('a node that only reads the log cannot tell an effect anything', async () => {
  const node = await startNode()
  try {
    const { data } = await ask<Told>(
      node,
      `mutation { told: dropEffect(input: {effectId: "${ID}", idempotencyKey: "k"}) { ... on Problem { code } } }`,
    )
    expect(data?.told).toEqual({ code: 'reads-only' })
  } finally {
    await node.close()
  }
})
