import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { hostPortText } from '../../../src/chain/p2p/port.ts'
import { rpcClient } from '../../../src/chain/rpc/client.ts'
import { systemClock } from '../../../src/clock/system.ts'
import { type Daemon, startDaemon } from '../../e2e/daemon.ts'
import { key } from '../coins.ts'
import { LIMIT_MS, member, scratch, until } from './rig.ts'

vi.setConfig({ testTimeout: 3 * LIMIT_MS })

const BLOCKS = 400

it('a node that is killed while it fetches the chain goes on where it was, and tells people how far it is', async () => {
  const source = await member()
  await source.node.mine(BLOCKS, key(1).script)
  const home = await scratch()
  const dataDir = join(home, 'chain')
  let daemon: Daemon | undefined
  onTestFinished(() => daemon?.kill())
  const start = async () => {
    const peer = ['--connect', hostPortText(source.at)]
    const args = ['--network', 'regtest', '--data-dir', dataDir, '--rpc-port', '0', ...peer]
    daemon = startDaemon({ script: 'src/cli/xencoind.ts', args, home })
    const [, url] = await daemon.line(/JSON-RPC at (\S+),/)
    const call = rpcClient({ url: url!, auth: { cookieFile: join(dataDir, '.cookie') }, clock: systemClock })
    return { daemon, info: () => call(z.looseObject({ blocks: z.number(), headers: z.number() }), 'getblockchaininfo') }
  }
  const reaches = async (height: number) => {
    const run = await start()
    const found = await until(
      async () => {
        const info = await run.info()
        return info.blocks >= height && info
      },
      () => run.daemon.log(),
    )
    const log = run.daemon.log()
    await run.daemon.kill()
    return { found, log }
  }
  const first = await reaches(40)
  expect(first.found.headers).toBe(BLOCKS)
  const second = await reaches(120)
  const last = await reaches(BLOCKS)
  expect(last.found['bestblockhash']).toBe((await source.node.tip()).hash)
  expect(last.found['verificationprogress']).toBe(1)
  expect(last.found['initialblockdownload']).toBe(false)
  expect(first.log + second.log + last.log).toMatch(/block \d+ of 400/)
})
