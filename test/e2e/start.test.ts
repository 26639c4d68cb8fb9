import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findProgram } from '../../src/machine/host-program.ts'
import { staticBusybox } from '../../src/machine/toolbox.ts'

const WAIT_MS = 120_000

let folder: string
let child: ChildProcess | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zennet-e2e-start-'))
})
afterEach(async () => {
  child?.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

/** The market on free ports, with machines that every test machine can make. */
const start = (...extra: string[]) => {
  const ports = ['api', 'publisher', 'shell', 'rpc'].flatMap((name) => [`--${name}-port`, '0'])
  const args = ['src/cli/main.ts', 'start', '--data-dir', folder, '--machines', 'namespace', ...ports, ...extra]
  const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  child = started
  let output = ''
  const heard = new Set<() => void>()
  for (const stream of [started.stdout, started.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      for (const look of heard) look()
    })
  }
  const ended = new Promise<number | null>((resolve) => started.on('close', resolve))
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => output.includes(text) && resolve()
      heard.add(look)
      look()
      void ended.then(() => reject(new Error(`ended without saying ${text}:\n${output}`)))
    })
  return { started, ended, says, output: () => output }
}

const mounts = () =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(folder))

const missing = [
  ...['unshare', 'nsenter', 'setpriv', 'ssh'].filter((name) => findProgram(name) === undefined),
  ...(staticBusybox() === undefined ? ['busybox-static'] : []),
]

describe.skipIf(missing.length > 0 && !process.env['CI'])(`the market on one machine ${missing.join(' ')}`, () => {
  it('shows one lease through its seven stages, settled', { timeout: WAIT_MS }, async () => {
    const { ended, output } = start('--once')
    expect(await ended, output()).toBe(0)
    const stages = ['1 announce', '2 connect', '3 challenge', '4 negotiate', '5 provision', '6 meter', '7 settle']
    for (const stage of stages) expect(output()).toContain(stage)
    expect(output()).toMatch(/\| hello from lease-[0-9a-f]{12}, Linux/)
    expect(output()).toMatch(/receipt signed by both/)
    expect(output()).toMatch(/settled: [\d,]+ sats to the provider, in block \d+\n\s+transaction [0-9a-f]{64}/)
    expect(mounts()).toEqual([])
  })

  it('stays up until Ctrl-C, and leaves nothing behind', { timeout: WAIT_MS }, async () => {
    const { started, ended, says, output } = start()
    await says('Ctrl-C')
    const [, url] = /API\s+(http:\/\/127\.0\.0\.1:\d+)\/graphql/.exec(output()) ?? []
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    started.kill('SIGINT')
    expect(await ended, output()).toBe(0)
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
    expect(mounts()).toEqual([])
  })
})
