import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { networkNamed } from '../../domain/chain/network.ts'
import { openXencoind } from '../../src/chain/xencoind/xencoind.ts'
import { systemClock } from '../../src/clock/system.ts'
import { curve } from './coins.ts'
import { refoldCoins, storedCoins } from './refold.ts'

const KILLS = 10
let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'zennet-killed-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

/** Runs the node until it has acknowledged `lines` things, kills it, and gives what it acknowledged. */
const runAndKill = async (lines: number): Promise<string[]> => {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'test/chain/mine-for-ever.ts', dataDir],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const ended = once(child, 'exit')
  const said: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line)
    if (said.length === lines) child.kill('SIGKILL')
  }
  const [code, signal] = await ended
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' })
  return said
}

it('keeps every acknowledged block and payment, and coins that follow from its blocks, when it is killed', async () => {
  const network = networkNamed('xencoin-dev')
  for (let kill = 0; kill < KILLS; kill++) {
    const said = await runAndKill(20 + kill * 7)
    const node = await openXencoind({ dataDir, network, curve, clock: systemClock })
    try {
      expect(storedCoins(node)).toEqual(await refoldCoins(node))
      for (const line of said) {
        const [what, id] = line.split(' ')
        if (what === 'block') expect(await node.block(id!)).toBeDefined()
        if (what === 'transaction') expect(await node.transaction(id!)).toBeDefined()
      }
      expect((await node.tip()).height).toBeGreaterThan(0)
    } finally {
      await node.close()
    }
  }
})
