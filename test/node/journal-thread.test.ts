import { setImmediate } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { leaseStream } from '../../domain/ids.ts'
import { graphqlClient } from '../../src/api/client.ts'
import { readToken } from '../../src/api/token.ts'
import { readConfig } from '../../src/config.ts'
import { type Node, openNode } from '../../src/node/node.ts'
import { newFolder, removeFolder } from '../forgetting/place.ts'
import { over } from '../forgetting/secret-lease.ts'
import { leaseIdNumber } from '../projections/lease-history.ts'

const LIMIT_MS = 120_000
const SCRIPT = Uint8Array.of(0x51)

let home: string
let node: Node | undefined
let threads = 0
const began = () => {
  threads += 1
}
const open = async (settings: object): Promise<Node> => {
  const flags = { dataDir: home, roles: 'publisher,api', network: 'regtest', apiPort: 0, publisherPort: 0, rpcPort: 0 }
  const config = readConfig({ flags: { ...flags, ...settings }, env: { XDG_CONFIG_HOME: '/nonexistent' } })
  node = await openNode(config, pino({ level: 'silent' }))
  return node
}
beforeEach(async () => {
  home = await newFolder()
  threads = 0
  process.on('worker', began)
})
afterEach(async () => {
  process.off('worker', began)
  await node?.close()
  node = undefined
  await removeFolder(home)
})

it.each([
  [1, {}],
  [0, { roles: 'publisher' }],
  [1, { roles: 'publisher', journalThread: true }],
  [0, { journalThread: false }],
])(
  'a node keeps its log in %i threads of its own, with %o',
  async (expected, settings) => {
    await open(settings)
    await setImmediate()
    expect(threads).toBe(expected)
  },
  LIMIT_MS,
)

it(
  'a node whose log is in a thread follows the chain, answers, and knows all after a restart without one',
  async () => {
    const begun = await open({ journalThread: true })
    await begun.chain!.embedded!.node.mine(3, SCRIPT)
    const stream = leaseStream(leaseIdNumber(1))
    const position = await begun.journal.transact([{ stream, expected: 0, facts: over(1) }])
    const ask = async ({ api }: Node) =>
      graphqlClient({ url: api!.url, token: await readToken(api!.tokenFile) }).request<object>(
        `{ lease(leaseId: "${leaseIdNumber(1)}", atLeast: "${position}") { stage } }`,
      )
    const told = await ask(begun)
    expect(told).toMatchObject({ lease: { stage: expect.anything() } })
    for (;;) {
      const [newest] = await begun.journal.readBackward('chain', undefined, 1)
      if ((newest?.fact as { height?: number } | undefined)?.height === 3) break
      await setImmediate()
    }
    const all = await begun.journal.readAll(0)
    await begun.close()
    const again = await open({ journalThread: false })
    expect((await again.journal.readAll(0)).slice(0, all.length)).toEqual(all)
    expect(await ask(again)).toEqual(told)
  },
  LIMIT_MS,
)
