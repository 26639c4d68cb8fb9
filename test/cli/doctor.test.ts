import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ableOf, type Finding, found, missing } from '../../src/cli/doctor/check.ts'
import { judgeTime } from '../../src/cli/doctor/clock.ts'
import { checkDockerDaemon, judgeLimits } from '../../src/cli/doctor/docker.ts'
import { judgeCgroup, judgeSwitches, SWITCHES } from '../../src/cli/doctor/kernel.ts'
import { listenersIn, ownerOf } from '../../src/cli/doctor/ports.ts'
import { judgeDisk, judgeInodes, judgeMemory } from '../../src/cli/doctor/space.ts'
import { zennet } from './zennet.ts'

/** It makes trial machines. */
const timeout = 240_000
let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'zennet-doctor-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const lack = { means: 'm', fault: 'you', next: 'n' } as const

describe('what is judged', () => {
  it('disk, inodes and memory by how much is left', () => {
    expect(judgeDisk(10 * 2 ** 20, '/d')).toMatchObject({ ok: false, need: 'all', fault: 'this machine' })
    expect(judgeDisk(2 ** 30, '/d')).toMatchObject({ ok: false, need: 'nobody' })
    expect(judgeDisk(2 ** 40, '/d')).toMatchObject({ ok: true, next: '' })
    expect(judgeInodes(3, 1_000_000)).toMatchObject({ ok: false, need: 'all' })
    expect(judgeInodes(500_000, 1_000_000).ok).toBe(true)
    expect(judgeInodes(0, 0).ok).toBe(true)
    expect(judgeMemory(100 * 2 ** 20)).toMatchObject({ ok: false, need: 'all' })
    expect(judgeMemory(500 * 2 ** 20)).toMatchObject({ ok: false, need: 'nobody' })
    expect(judgeMemory(2 ** 33).ok).toBe(true)
  })

  it('namespaces by the switches of the kernel, and limits by what it took', () => {
    expect(judgeSwitches(() => undefined, false).ok).toBe(true)
    for (const { file, forbids, remedy } of SWITCHES) {
      const shut = judgeSwitches((one) => (one === file ? forbids : undefined), false)
      expect(shut).toMatchObject({ ok: false, next: expect.stringContaining(remedy) })
    }
    expect(judgeSwitches((file) => (file === SWITCHES[1].file ? 0 : 1), true).ok).toBe(true)
    expect(judgeCgroup(new Set(['cpu', 'memory', 'pids']), true).ok).toBe(true)
    expect(judgeCgroup(new Set(['cpu']), false)).toMatchObject({ is: 'none on memory, pids', fault: 'you' })
  })

  it('Docker by its own account, and by why it cannot be reached', async () => {
    expect(judgeLimits({ MemoryLimit: true, CpuCfsQuota: true, PidsLimit: true }).ok).toBe(true)
    expect(judgeLimits({ MemoryLimit: false, PidsLimit: false })).toMatchObject({ is: 'none on memory, processes' })
    const [none] = await checkDockerDaemon(join(home, 'no.sock'))
    expect(none).toMatchObject({ ok: false, is: expect.stringContaining('ENOENT') })
    const socket = join(home, 'docker.sock')
    const daemon = createServer((_, response) => response.end('{"ServerVersion":"99","MemoryLimit":true}')).listen(
      socket,
    )
    await new Promise((done) => daemon.once('listening', done))
    expect(await checkDockerDaemon(socket)).toEqual([
      found('Docker daemon', 'nobody', `99 at ${socket}`),
      expect.objectContaining({ name: 'Docker limits', ok: true }),
    ])
    daemon.close()
  })

  it('the clock beside the node’s and the newest block, and the chain by its age', () => {
    const now = Date.parse('2030-01-01T12:00:00Z')
    const at = (ms: number) => new Date(now + ms).toISOString()
    const answer = (nodeMs: number, blockMs: number | undefined) => ({
      status: { at: at(nodeMs), height: 5 },
      blocks: { edges: blockMs === undefined ? [] : [{ node: { time: at(blockMs), height: 5 } }] },
      projections: [{ name: 'leases', lagFacts: 0, lagSeconds: 0 }],
    })
    const judged = (nodeMs: number, blockMs?: number) => judgeTime(answer(nodeMs, blockMs), now, now + 100)
    expect(judged(50, -60_000).map(({ ok }) => ok)).toEqual([true, true])
    expect(judged(90_000, -60_000)[0]).toMatchObject({ name: 'clock', ok: false, fault: 'this machine' })
    expect(judged(0, 10_000_000)[0]).toMatchObject({ ok: false, need: 'all' })
    expect(judged(0, -7_200_000)[1]).toMatchObject({ name: 'chain sync', ok: false, fault: 'the chain' })
    expect(judged(0)[1]).toMatchObject({ ok: false, is: 'no block yet' })
    const slow = { ...answer(0, -1_000), projections: [{ name: 'leases', lagFacts: 9, lagSeconds: 60 }] }
    expect(judgeTime(slow, now, now)[1]).toMatchObject({ ok: false, fault: 'the node' })
  })

  it('who can work', () => {
    expect(ableOf([found('a', 'all', '')])).toEqual({ publisher: true, provider: true })
    expect(ableOf([missing('a', 'nobody', '', lack)])).toEqual({ publisher: true, provider: true })
    expect(ableOf([missing('a', 'provider', '', lack)])).toEqual({ publisher: true, provider: false })
    expect(ableOf([missing('a', 'all', '', lack)])).toEqual({ publisher: false, provider: false })
  })

  it('who has a port, as far as that may be seen', async () => {
    const table =
      ' sl local rem st\n 0: 0100007F:0FA0 00000000:0000 0A 0:0 0:0 0 0 0 777 1\n 1: 0100007F:0FA0 1:1 01 0:0 0:0 0 0 0 778 1'
    expect(listenersIn(table, 4_000)).toEqual(['777'])
    expect(listenersIn(table, 4_001)).toEqual([])
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((done) => server.once('listening', done))
    expect(ownerOf((server.address() as AddressInfo).port)).toMatch(new RegExp(`\\(process ${process.pid}\\)$`))
    server.close()
  })
})

const doctor = async (...args: string[]) => {
  const { code, stdout, stderr } = await zennet(['doctor', '-o', 'json', ...args], { home })
  const findings = JSON.parse(stdout) as Finding[]
  return { code, stderr, findings, of: (name: string) => findings.find((one) => one.name === name) }
}

it('examines this machine, and makes nothing', { timeout }, async () => {
  const { code, findings, of } = await doctor('--data-dir', join(home, 'new'))
  const wanted = ['node', 'native secp256k1', 'native ssh2', 'ssh', 'Docker daemon', 'Docker', 'user namespaces']
  const more = ['kernel allows namespaces', 'cgroup limits', 'memory', 'disk space', 'inodes', 'data directory']
  for (const name of [...wanted, ...more, 'modes of keys', 'running node'])
    expect(findings.map((one) => one.name)).toContain(name)
  expect(of('node')).toMatchObject({ ok: true })
  for (const { ok, next, means, fault, name } of findings)
    expect([next === '', means === '', fault === 'nobody'], name).toEqual([ok, ok, ok])
  const { publisher, provider } = ableOf(findings)
  expect(code).toBe(publisher && provider ? 0 : 1)
  expect(existsSync(join(home, 'new'))).toBe(false)
})

it('finds keys that others may read, and a port that is taken, and by whom', { timeout }, async () => {
  const dataDir = join(home, 'open')
  mkdirSync(dataDir, { mode: 0o755 })
  writeFileSync(join(dataDir, 'wallet.json'), '{}')
  chmodSync(join(dataDir, 'wallet.json'), 0o644)
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const { port } = server.address() as AddressInfo
  const { code, of } = await doctor('--data-dir', dataDir, '--publisher-port', String(port))
  server.close()
  expect(of('data directory')).toMatchObject({ ok: false, fault: 'you', next: expect.stringContaining('chmod 700') })
  expect(of('modes of keys')).toMatchObject({ ok: false, fault: 'you', next: expect.stringContaining('chmod 600') })
  expect(of(`port ${port}`)).toMatchObject({ ok: false, is: expect.stringContaining(`process ${process.pid}`) })
  expect(code).toBe(1)
})
