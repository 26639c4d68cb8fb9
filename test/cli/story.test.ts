import { existsSync, statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProgram } from '../../src/machine/host-program.ts'
import { staticBusybox } from '../../src/machine/toolbox.ts'
import { scratchFolder } from '../docker/private-dockerd.ts'
import { type Chain, startChain } from '../e2e/chain.ts'
import { type Daemon, freePort, startDaemon } from '../e2e/daemon.ts'
import { leftOnHost } from '../e2e/left.ts'
import { startNode } from '../e2e/node.ts'
import { zennet } from './zennet.ts'

/** Facts take what they take on a busy machine; more than this is a failure. */
const LIMIT_MS = 240_000
const MATURITY_BLOCKS = 10

const missing = [
  ...['unshare', 'nsenter', 'setpriv', 'ssh'].filter((name) => findProgram(name) === undefined),
  ...(staticBusybox() === undefined ? ['busybox-static'] : []),
]

describe.skipIf(missing.length > 0 && !process.env['CI'])(
  `a market of command lines ${missing.map((name) => `(no ${name})`).join(' ')}`,
  { timeout: LIMIT_MS },
  () => {
    let folder: string
    let chain: Chain
    let provider: Daemon
    let mining: Promise<void>
    const stop = new AbortController()
    const leaseIds: string[] = []
    const publisherDir = () => join(folder, 'publisher', 'node')
    const size = ['--cpu', '0.5', '--memory', '64MiB', '--disk', '64MiB', '--max-price', '50000', '--budget', '50000']

    /** With a node in its own process, since none runs. */
    const rent = async (args: readonly string[], interruptAt?: RegExp) => {
      const own = ['--chain', chain.url, '--chain-cookie', chain.cookie, '--publisher-port', String(await freePort())]
      return zennet(['rent', '--data-dir', publisherDir(), ...own, ...size, ...args], {
        home: folder,
        ...(interruptAt === undefined ? {} : { interruptAt }),
      })
    }

    beforeAll(async () => {
      folder = await scratchFolder()
      chain = await startChain(folder)
      const made = await zennet(['wallet', 'new', '--data-dir', publisherDir(), '-o', 'json'], { home: folder })
      await chain.mine(1, JSON.parse(made.stdout).address)
      await chain.mine(MATURITY_BLOCKS + 1)
      provider = startDaemon({
        script: 'src/cli/main.ts',
        args: [
          ...['provide', '--data-dir', join(folder, 'provider'), '--machines', 'namespace'],
          ...['--chain', chain.url, '--chain-cookie', chain.cookie, '--api-port', '0', '--shell-port', '0'],
        ],
        home: folder,
      })
      await provider.line(/^machines +namespace/)
      await provider.line(/^price /)
      await provider.line(/^waiting for announcements/)
      // Blocks come when something waits for them, as on a chain that others use too.
      mining = (async () => {
        while (!stop.signal.aborted) {
          await chain.mineWaiting().catch(() => {})
          await sleep(200, undefined, { signal: stop.signal }).catch(() => {})
        }
      })()
    }, LIMIT_MS)

    afterAll(async () => {
      const code = await provider?.stop()
      stop.abort()
      await mining
      await chain?.daemon().stop()
      const left = folder === undefined ? [] : await leftOnHost(folder, leaseIds)
      if (folder !== undefined) await rm(folder, { recursive: true, force: true })
      expect({ code, left }).toEqual({ code: 0, left: [] })
    }, LIMIT_MS)

    it('rents for one command: its output and its exit code, the receipt beside, and the provider’s earnings', async () => {
      const { code, stdout, stderr } = await rent(['--', 'sh', '-c', 'echo hi; exit 3'])
      expect({ code, stdout }, stderr).toEqual({ code: 3, stdout: 'hi\n' })
      const [, paid] = /settled: paid ([\d,]+) sats/.exec(stderr) ?? []
      expect(paid, stderr).toBeDefined()
      const [, id] = await provider.line(/^lease ([0-9a-f]{12}) {2}settled: /)
      leaseIds.push(id!)
      for (const told of ['matched', 'offered', 'agreed', 'running', 'ended: stopped-by-publisher'])
        expect(
          provider.lines.some((line) => line.startsWith(`lease ${id}  ${told}`)),
          told,
        ).toBe(true)
      await provider.line(new RegExp(`^lease ${id}  settled: earned ${paid} sats, transaction [0-9a-f]{64}`))
      expect(stderr).toContain(id)
      expect(existsSync(join(publisherDir(), 'keys', id!))).toBe(false)
    })

    it('ends with 7 and says where to pay to when the coins do not suffice', async () => {
      const { code, stdout, stderr } = await rent(['--budget', '2000000000000', '--', 'true'])
      expect({ code, stdout }).toEqual({ code: 7, stdout: '' })
      expect(stderr).toMatch(/Pay to [a-z]+1[a-z0-9]+/)
    })

    it('ends with 8 when nobody agreed in time, and takes its announcement back', async () => {
      const { code, stdout, stderr } = await rent(['--image', 'nobody/has:this', '--wait', '3s', '--', 'true'])
      expect({ code, stdout }, stderr).toEqual({ code: 8, stdout: '' })
    })

    it('finds nobody who was there for long enough among providers that are new', async () => {
      const { code, stderr } = await rent(['--min-availability', '95', '--wait', '3s', '--', 'true'])
      expect(code, stderr).toBe(8)
      const at = ['--data-dir', join(folder, 'provider')]
      const seen = await zennet(['market', 'ls', '--all', ...at, '-o', 'jsonl'], { home: folder })
      const [rule] = seen.stdout
        .trim()
        .split('\n')
        .flatMap((line) => JSON.parse(line).verdict?.rules ?? [])
        .filter((one: { rule: string; ok: boolean }) => one.rule === 'availability' && !one.ok)
      expect(rule, seen.stdout).toMatchObject({
        want: '95 %, over a day at least',
        have: expect.stringMatching(/^[\d.]+ % over \d+ min$/),
      })
      const offers = await zennet(['market', 'offers', ...at], { home: folder })
      expect(offers.stdout).toMatch(/agreed .* [\d.]+ % of [\dms ]+/)
    })

    it('ends with 130 when it is interrupted while it waits', async () => {
      const interrupted = await rent(['--max-price', '1', '--', 'true'], /waiting for providers/)
      expect({ code: interrupted.code, stdout: interrupted.stdout }, interrupted.stderr).toEqual({
        code: 130,
        stdout: '',
      })
    })

    it('settles when the session is interrupted', async () => {
      const { code, stdout, stderr } = await rent(['--', 'echo in >&2; sleep 600'], /^in$/m)
      expect({ code, stdout }, stderr).toEqual({ code: 130, stdout: '' })
      expect(stderr).toMatch(/settled: paid/)
    })

    it('leaves a lease with a running node, to log in to, look at and stop later', async () => {
      const publisher = await startNode(join(folder, 'publisher'), chain, [
        ...['--roles', 'publisher,api', '--publisher-port', String(await freePort())],
        ...['--daily-budget-sats', '1000000'],
      ])
      try {
        const run = (...args: string[]) => zennet([...args, '--data-dir', publisher.dataDir], { home: folder })
        const kept = await run('rent', ...size, '--keep')
        expect(kept.code, kept.stderr).toBe(0)
        const leaseId = kept.stdout.trim()
        expect(leaseId).toMatch(/^[0-9a-f]{32}$/)
        leaseIds.push(leaseId)
        expect(statSync(join(publisher.dataDir, 'keys', leaseId)).mode & 0o777).toBe(0o600)

        const active = await run('lease', 'ls', '--active', '-o', 'jsonl')
        expect(JSON.parse(active.stdout)).toMatchObject({ leaseId, side: 'PUBLISHER', stage: 'METER' })
        expect((await run('lease', 'show', leaseId.slice(0, 8))).stdout).toContain(leaseId)
        const there = ['--data-dir', publisher.dataDir, '--', 'printf', '%s|', 'a b', "it's", '$HOME']
        const ssh = await zennet(['lease', 'ssh', leaseId, ...there], { home: folder })
        expect({ code: ssh.code, stdout: ssh.stdout }, ssh.stderr).toEqual({ code: 0, stdout: "a b|it's|$HOME|" })
        expect((await run('lease', 'receipt', leaseId)).code).toBe(3)

        const renewed = await run('lease', 'renew', leaseId, '--for', '30m')
        expect(renewed.stderr).toMatch(/was changed: .* 1h 30m in all/)
        expect(renewed.code).toBe(0)
        const worse = await run('lease', 'change', leaseId, '--price-percent', '50')
        expect({ code: worse.code, stderr: worse.stderr }).toMatchObject({
          code: 6,
          stderr: expect.stringContaining('not-better'),
        })
        expect((await run('lease', 'change', leaseId)).code).toBe(2)
        expect((await run('lease', 'stop', leaseId, '--in', '40m')).stderr).toMatch(/ends at .*--withdraw/)
        const told = (await run('lease', 'show', leaseId)).stdout
        expect(told).toMatch(/^notice +the publisher ends it at /m)
        expect(told).toMatch(/^lasts +.*sats an hour/m)
        expect((await run('lease', 'stop', leaseId, '--withdraw')).code).toBe(0)
        expect((await run('lease', 'show', leaseId)).stdout).not.toMatch(/^notice/m)
        expect((await run('lease', 'stop', leaseId, '--withdraw')).stderr).toContain('no-notice')
        const day = JSON.parse((await run('budget', '-o', 'json')).stdout)
        expect(day).toMatchObject({ limitSats: '1000000', leftSats: expect.any(String) })
        expect(BigInt(day.spentSats)).toBeGreaterThan(0n)

        expect(await run('lease', 'stop', leaseId)).toMatchObject({ code: 0, stdout: '' })
        expect((await run('lease', 'stop', leaseId)).code).toBe(6)
        expect((await run('lease', 'ssh', leaseId)).code).toBe(6)
        const receipt = JSON.parse((await run('lease', 'receipt', leaseId, '-o', 'json')).stdout)
        expect(receipt.receipt).toMatchObject({ leaseId, code: 'stopped-by-publisher' })
        expect(receipt.publisherSignature).toMatch(/^[0-9a-f]{128}$/)
        expect(receipt.providerSignature).toMatch(/^[0-9a-f]{128}$/)
        const shown = (await run('lease', 'receipt', leaseId)).stdout
        for (const part of [receipt.publisherSignature, receipt.providerSignature, 'wallHour', 'settlement'])
          expect(shown).toContain(part)
        const facts = (await run('lease', 'watch', leaseId, '-o', 'jsonl')).stdout.trim().split('\n')
        const types = facts.map((line) => JSON.parse(line).type)
        expect(types[0]).toBe('lease.sought')
        const logs = await run('lease', 'logs', leaseId)
        expect(logs.stdout.trim().split('\n')).toHaveLength(types.length)
        expect(logs.stdout).toMatch(/^\S+Z {2}settled +settled: [\d,]+ sats to the provider/m)
        const replayed = await run('lease', 'replay', leaseId, '--at', '2', '-o', 'json')
        expect(JSON.parse(replayed.stdout)).toMatchObject({ version: 2, state: 'connect' })
        expect(types).toContain('lease.settled')

        const request = join(folder, 'request.yaml')
        writeFileSync(request, 'image: nobody/has:this\ncpu: 0.5\nmemoryBytes: 64MiB\nmaxHourlySats: 7\n')
        const key = join(import.meta.dirname, 'key.pub')
        const checked = await zennet(['post', 'validate', request, '--ssh-key', key, '-o', 'json'], { home: folder })
        expect(JSON.parse(checked.stdout)).toMatchObject({ body: { image: 'nobody/has:this', maxHourlyMsat: '7000' } })
        const dry = await run('post', 'create', request, '--ssh-key', key, '--dry-run')
        expect(dry.stdout).toMatch(/^would +post an announcement for 1 machine/m)
        const posted = (await run('post', 'create', request, '--ssh-key', key)).stdout.trim()
        const mine = await run('post', 'ls', '-o', 'jsonl')
        expect(
          mine.stdout
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line).txid),
        ).toEqual([posted])
        const why = await run('post', 'explain', posted.slice(0, 12))
        expect(why.stdout).toContain('No provider has called')
        expect((await run('post', 'cancel', posted)).stdout).toMatch(/^[0-9a-f]{64}\n$/)
        expect((await run('post', 'cancel', posted)).code).not.toBe(0)

        const address = (await run('wallet', 'receive')).stdout.trim()
        const planned = await run('wallet', 'send', address, '5000', '--dry-run', '-o', 'json')
        expect(JSON.parse(planned.stdout)).toMatchObject({
          mutation: 'send',
          costs: { fee: expect.stringMatching(/sats/) },
        })
        const sent = await run('wallet', 'send', address, '5000')
        expect(sent.stdout, sent.stderr).toMatch(/^[0-9a-f]{64}\n$/)
        const history = JSON.parse((await run('wallet', 'history', '-o', 'json')).stdout)
        expect(history).toContainEqual(expect.objectContaining({ txid: sent.stdout.trim(), purpose: 'payment' }))
        expect((await run('wallet', 'send', 'nonsense', '5000')).code).toBe(2)
      } finally {
        expect(await publisher.stop()).toBe(0)
      }
    })
  },
)
