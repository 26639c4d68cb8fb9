import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Fact } from '../../domain/fact.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { chainPeers } from '../../src/node/chain-peers.ts'
import { effectFacts } from '../domain/effect/sample.ts'
import { timerFacts } from '../domain/timer/sample.ts'
import { AT } from '../projections/lease-history.ts'
import { ask, smallMarket, startNode, type TestNode } from './node.ts'

let node: TestNode
let position: number
const chain = (fact: object) => fact as Fact
const connected = (height: number) =>
  chain({
    ...{ type: 'chain.connected', at: AT + height, height, hash: `${height}`.repeat(64), previous: '00' },
    ...{ time: 1_000 + height * 50, transactions: [] },
  })
const PEERS = chainPeers({
  listening: { host: '::1', port: 28_555 },
  bestHeight: () => 7,
  addressCount: () => 3,
  peers: () => [
    {
      ...{ id: 1, direction: 'inbound', connectedAtMs: AT, version: { userAgent: '/x:1/', startHeight: 2 } },
      connection: { remote: { host: '127.0.0.1', port: 9 }, traffic: { sentBytes: 5, receivedBytes: 6 } },
      ping: { lastUs: 1_500, sentUs: 0 },
      sync: { best: { height: 7 }, lastBlockMs: 0 },
    },
  ],
} as never)

beforeAll(async () => {
  const journal = memoryJournal()
  const chainNetwork = () => ({ spacingS: 60, peers: PEERS })
  node = await startNode(0, { journal, market: { ...smallMarket(journal), chainNetwork } })
  await node.append('chain', ...[1, 2, 3, 4].map(connected))
  const gone = { type: 'chain.disconnected', at: AT, height: 4, hash: '4'.repeat(64) }
  await node.append('chain', chain(gone), {
    ...{ type: 'chain.reorganised', at: AT + 9, depth: 1, height: 3, hash: '3'.repeat(64), from: '4'.repeat(64) },
  } as Fact)
  await node.append(`effect-${'e'.repeat(32)}`, effectFacts()['effect.asked'])
  position = await node.append('timer-a', timerFacts()['timer.set'])
})
afterAll(() => node.close())

it('says how the chain and the processes of a node are', async () => {
  const { data, errors } = await ask<Record<string, object>>(
    node,
    `{ networkHealth(atLeast: "${position}") {
        height blockTime connectedAt blockIntervalS blockIntervals intendedIntervalS openEffects parkedEffects oldestEffectAt timers
        peers { listening bestHeight knownAddresses peers { number address direction userAgent height pingMs lastBlockAt sentBytes receivedBytes } }
      }
      reorganisations(atLeast: "${position}", filter: { depth: { min: 1 } }) { edges { node { id at depth height hash from } } } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({
    networkHealth: {
      height: 3,
      blockTime: new Date(1_150_000).toISOString(),
      connectedAt: new Date(AT + 3).toISOString(),
      blockIntervalS: 50,
      blockIntervals: 2,
      intendedIntervalS: 60,
      openEffects: 1,
      parkedEffects: 0,
      timers: 1,
      peers: {
        listening: '[::1]:28555',
        bestHeight: 7,
        knownAddresses: 3,
        peers: [
          {
            ...{ number: 1, address: '127.0.0.1:9', direction: 'INBOUND', userAgent: '/x:1/', height: 7, pingMs: 1.5 },
            ...{ lastBlockAt: null, sentBytes: '5', receivedBytes: '6' },
          },
        ],
      },
    },
    reorganisations: { edges: [{ node: { depth: 1, height: 3, hash: '3'.repeat(64), from: '4'.repeat(64) } }] },
  })
})
