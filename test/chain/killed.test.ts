import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { networkNamed } from '../../domain/chain/network.ts'
import { outPointKey } from '../../domain/chain/transaction.ts'
import type { Admitted } from '../../src/chain/xencoind/admission.ts'
import { openXencoind } from '../../src/chain/xencoind/xencoind.ts'
import { systemClock } from '../../src/clock/system.ts'
import { curve, key, pay } from './coins.ts'
import { freshNode, ripeCoins } from './fresh-node.ts'
import { faultsOf } from './whole.ts'

const KILLS = 25
/** The longest between the beginning of what is to be cut off and the kill: some of each fall into every part of it. */
const MOST_DELAY_MS = 12
const KILLS_LIMIT_MS = 600_000

let dataDir: string
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'zennet-killed-'))
})
afterAll(() => rm(dataDir, { recursive: true }))

/** Runs the node, kills it a moment after it has begun `doing`, and gives what it acknowledged. */
const runAndKill = async (doing: string, delayMs: number): Promise<string[]> => {
  const args = ['--disable-warning=ExperimentalWarning', 'test/chain/mine-for-ever.ts', dataDir]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const said: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line)
    if (line === `begin ${doing}`) void sleep(delayMs).then(() => child.kill('SIGKILL'))
  }
  const [code, signal] = await ended
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' })
  return said
}

it('would see a coin that is lost, one that was made, and one that is spent twice', async () => {
  const { node } = await freshNode()
  const [coin] = await ripeCoins(node, key(1), 1)
  await node.broadcast(pay(coin!, key(2)))
  expect(await faultsOf(node)).toEqual([])
  const { coins } = node.inside.store
  const kept = coins.get(outPointKey(coin!))!
  coins.drop(outPointKey(coin!))
  expect(await faultsOf(node)).toHaveLength(4)
  coins.put({ key: outPointKey(coin!), coin: kept })
  coins.put({ key: outPointKey({ txid: '33'.repeat(32), vout: 0 }), coin: kept })
  expect(await faultsOf(node)).toHaveLength(2)
  coins.drop(outPointKey({ txid: '33'.repeat(32), vout: 0 }))
  const { entry } = node.inside.check(pay(coin!, key(3), 9000n)) as Admitted
  node.inside.pool.add(entry)
  expect(await faultsOf(node)).toHaveLength(1)
})

it.each(['send', 'connect', 'close', 'reorganise'])(
  'loses nothing that it acknowledged, and neither loses, makes nor spends a coin twice, when it is killed in: %s',
  async (doing) => {
    const network = networkNamed('xencoin-dev')
    for (let kill = 0; kill < KILLS; kill++) {
      const said = await runAndKill(doing, (kill * MOST_DELAY_MS) / KILLS)
      const node = await openXencoind({ dataDir, network, curve, clock: systemClock })
      try {
        expect(await faultsOf(node)).toEqual([])
        for (const line of said) {
          const [what, id] = line.split(' ')
          if (what === 'block') expect(await node.block(id!)).toBeDefined()
          if (what === 'transaction') expect(await node.transaction(id!)).toBeDefined()
        }
      } finally {
        await node.close()
      }
    }
  },
  KILLS_LIMIT_MS,
)
