import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findProgram } from '../../src/machine/host-program.ts'
import { staticBusybox } from '../../src/machine/toolbox.ts'
import { sshCommand } from '../../src/shell/ssh-command.ts'
import { missingClients, skipped } from '../shell/rig.ts'
import { targetOf } from './client.ts'
import { goesOn } from './goes-on.ts'
import { LIMIT_MS, type Market, openMarket, until } from './market.ts'
import { expectPaidOnChain } from './money.ts'
import { factsOf, stopLease } from './story.ts'

const missing = [
  ...['unshare', 'nsenter', 'setpriv'].filter((name) => findProgram(name) === undefined),
  ...(staticBusybox() === undefined ? ['busybox-static'] : []),
  ...missingClients,
]
const unable = skipped || (missing.length > 0 && !process.env['CI'])
const timeout = 3 * LIMIT_MS
const RECONNECT_MS = 4_000
/** Between a reading and the moment that is written with it, on a busy machine. */
const READING_MS = 1_000

/** A program in a lease's machine that says again what it is told, over ssh. */
const echoOver = (command: readonly string[]) => {
  const [file, ...args] = command
  const child: ChildProcess = spawn(file!, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  let heard = ''
  child.stdout!.on('data', (part) => {
    heard += String(part)
  })
  return {
    async says(word: string) {
      child.stdin!.write(`${word}\n`)
      await until(
        async () => heard.endsWith(`${word}\n`),
        () => `heard ${heard}; exit code ${child.exitCode}`,
      )
    },
    end: () => child.kill('SIGKILL'),
  }
}

describe.skipIf(unable)(
  `a daemon that stands still, or whose session is cut ${missing.map((name) => `(no ${name})`)}`,
  { timeout },
  () => {
    let market: Market
    let leaseId: string
    let shell: ReturnType<typeof echoOver>
    const starvedTimes = async () =>
      (await factsOf(market.provider, leaseId)).filter(({ type }) => type === 'lease.starved').length
    /** The newest tick: what was billed, and when. */
    const metered = async () => {
      const { at, fact } = (await factsOf(market.provider, leaseId)).findLast(({ type }) => type === 'lease.metered')!
      const { wallUs } = fact['usage'] as Record<string, string>
      return { atMs: Date.parse(at), wallMs: Number(wallUs) / 1_000 }
    }
    const signal = (side: 'publisher' | 'provider', name: NodeJS.Signals) =>
      process.kill(market[side].daemon().pid, name)
    beforeAll(async () => {
      const provider = ['--reconnect-ms', String(RECONNECT_MS)]
      market = await openMarket({ machines: 'namespace', provider, run: { fused: true } })
      leaseId = await market.rent()
      shell = echoOver(sshCommand(await targetOf(market, leaseId), ['cat']))
    }, timeout)
    afterEach(() => {
      for (const side of ['publisher', 'provider'] as const) signal(side, 'SIGCONT')
    })
    afterAll(async () => {
      shell?.end()
      await market?.close()
    }, timeout)

    it('the session is cut: an open shell lives on, and the lease in a new session', async () => {
      await shell.says('before')
      const before = await starvedTimes()
      signal('publisher', 'SIGUSR2')
      await until(async () => (await starvedTimes()) > before, starvedTimes)
      await goesOn(market, leaseId)
      await shell.says('after')
    })

    it.each(['publisher', 'provider'] as const)('the %s, for a moment: lease and shell go on', async (side) => {
      const before = await metered()
      signal(side, 'SIGSTOP')
      await sleep(RECONNECT_MS / 2)
      signal(side, 'SIGCONT')
      await goesOn(market, leaseId)
      await shell.says(`the ${side} is back`)
      const after = await metered()
      expect(after.wallMs - before.wallMs).toBeLessThan(after.atMs - before.atMs + READING_MS)
    })

    it('the publisher, for long: the provider ends it and takes what was paid; nothing is paid twice', async () => {
      signal('publisher', 'SIGSTOP')
      const ended = await market.when(market.provider, leaseId, ({ end, released }) => end !== null && released)
      expect(ended.end).toMatchObject({ code: 'publisher-silent', culprit: 'peer-unreachable' })
      const { paidSats } = await market.when(market.provider, leaseId, ({ stage }) => stage === 'SETTLED')
      signal('publisher', 'SIGCONT')
      const { paid } = await expectPaidOnChain(market, leaseId)
      expect(paid).toBe(BigInt(paidSats))
    })

    it('the provider, for long: the publisher ends it and pays no more; what was paid is settled', async () => {
      leaseId = await market.rent()
      signal('provider', 'SIGSTOP')
      const { end, paidSats } = await market.when(market.publisher, leaseId, (lease) => lease.end !== null)
      expect(end).toMatchObject({ code: 'provider-silent', culprit: 'peer-unreachable' })
      signal('provider', 'SIGCONT')
      const { paid } = await expectPaidOnChain(market, leaseId)
      expect(paid).toBe(BigInt(paidSats))
      await market.when(market.provider, leaseId, ({ released }) => released)
    })

    it('and the market is as before', async () => {
      leaseId = await market.rent()
      await goesOn(market, leaseId)
      await stopLease(market.publisher, leaseId)
      const { settled } = await expectPaidOnChain(market, leaseId)
      expect(settled.end).toMatchObject({ code: 'stopped-by-publisher' })
    })
  },
)
