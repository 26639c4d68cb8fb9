import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'
import { encodeAddress } from '../../domain/chain/address.ts'
import { networkNamed } from '../../domain/chain/network.ts'
import { openRpcEngine } from '../../src/chain/rpc-engine.ts'
import { systemClock } from '../../src/clock/system.ts'
import { key } from './coins.ts'
import { freshDir } from './fresh-node.ts'

const network = networkNamed('xencoin-dev')

const start = (...args: string[]): ChildProcess => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/cli/xencoind.ts', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Starts the program and waits until it says where it listens. */
const startListening = async (...args: string[]) => {
  const child = start(...args)
  for await (const line of createInterface({ input: child.stdout! })) {
    const url = /http:\/\/\S+\//.exec(line)?.[0]
    if (url !== undefined) return { child, url, port: new URL(url).port }
  }
  throw new Error('the program ended before it listened')
}

const ended = async (child: ChildProcess) => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode
}

it('mines, serves, keeps what it has over a restart, and ends cleanly when asked', async () => {
  const dataDir = await freshDir()
  const mineTo = encodeAddress(network, key(1).script)
  const args = ['--data-dir', dataDir, '--rpc-port', '0']
  const first = await startListening(...args, '--mine-to', mineTo, '--mine-interval', '0.05')
  const auth = { cookieFile: `${dataDir}/.cookie` }
  const engine = await openRpcEngine({ network, url: first.url, auth, clock: systemClock, pollMs: 20 })
  const stop = new AbortController()
  let seen = ''
  for await (const event of engine.follow(undefined, stop.signal))
    if (event.kind === 'connected' && event.height === 3) {
      expect(event.block.transactions[0]!.outputs[0]!.script).toEqual(key(1).script)
      seen = event.hash
      stop.abort()
    }
  first.child.kill('SIGTERM')
  expect(await ended(first.child)).toBe(0)

  const second = await startListening(...args)
  const again = await openRpcEngine({ network, url: second.url, auth, clock: systemClock })
  expect((await again.blockAt(3))?.hash).toBe(seen)
  second.child.kill('SIGINT')
  expect(await ended(second.child)).toBe(0)
})

it('says with exit code 1 that its port or its directory is taken', async () => {
  const dataDir = await freshDir()
  const { port, child } = await startListening('--data-dir', dataDir, '--rpc-port', '0')
  const complaint = async (...args: string[]) => {
    const other = start(...args)
    let text = ''
    other.stderr!.on('data', (part) => {
      text += String(part)
    })
    await once(other, 'close')
    return { code: other.exitCode, text }
  }
  const samePort = await complaint('--data-dir', await freshDir(), '--rpc-port', port)
  expect(samePort.code).toBe(1)
  expect(samePort.text).toContain('chain.port-taken')
  const sameDir = await complaint('--data-dir', dataDir, '--rpc-port', '0')
  expect(sameDir.code).toBe(1)
  expect(sameDir.text).toContain('chain.locked')
  const badAddress = await complaint('--data-dir', await freshDir(), '--rpc-port', '0', '--mine-to', 'nonsense')
  expect(badAddress.code).toBe(1)
  expect(badAddress.text).toContain('chain.bad-address')
  child.kill('SIGTERM')
  expect(await ended(child)).toBe(0)
})
