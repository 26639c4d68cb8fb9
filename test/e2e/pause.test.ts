import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProgram } from '../../src/machine/host-program.ts'
import { removeEmptyCgroup } from '../../src/machine/namespace-cgroup.ts'
import { SPARE_PARENT } from '../../src/machine/spare-cgroup.ts'
import { staticBusybox } from '../../src/machine/toolbox.ts'
import { sshCommand } from '../../src/shell/ssh-command.ts'
import { zennet } from '../cli/zennet.ts'
import { skipWithoutDocker, whyNoDocker } from '../docker/private-dockerd.ts'
import { missingClients, skipped } from '../shell/rig.ts'
import { targetOf } from './client.ts'
import { goesOn } from './goes-on.ts'
import { LIMIT_MS, type Market, openMarket, until } from './market.ts'
import { expectPaidOnChain } from './money.ts'
import { ownerIs } from './owner.ts'
import { factsOf, type LogFact, stopLease } from './story.ts'

const missing = [
  ...['unshare', 'nsenter', 'setpriv'].filter((name) => findProgram(name) === undefined),
  ...(staticBusybox() === undefined ? ['busybox-static'] : []),
  ...missingClients,
]
const unable = skipped || (missing.length > 0 && !process.env['CI'])
const timeout = 3 * LIMIT_MS

describe.skipIf(unable)(
  `a lease of namespaces that stands still ${missing.map((name) => `(no ${name})`)}`,
  { timeout },
  () => standsStill('namespace'),
)
describe.skipIf(unable || skipWithoutDocker())(
  `a lease of Docker that stands still ${whyNoDocker() ?? ''}`,
  { timeout },
  () => standsStill('docker'),
)

/** A program in a lease's machine that counts, over one session of ssh that is never opened again. */
const countOver = (command: readonly string[]) => {
  const [file, ...args] = command
  const child: ChildProcess = spawn(file!, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const counted: number[] = []
  createInterface({ input: child.stdout! }).on('line', (line) => counted.push(Number(line)))
  return {
    counted,
    reaches: (count: number) =>
      until(
        async () => (counted.at(-1) ?? 0) >= count,
        () => `counted to ${counted.at(-1)}; exit code ${child.exitCode}`,
      ),
    end: () => child.kill('SIGKILL'),
  }
}
const COUNTS = 'n=0; while :; do n=$((n + 1)); echo $n; sleep 0.2; done'

type Usage = Readonly<Record<string, string>> & { readonly paused?: Readonly<Record<string, string>> }
type Told = { readonly month: { readonly lentShare: number; readonly served: { fullShare: number; leases: number } } }

function standsStill(machines: 'namespace' | 'docker'): void {
  let market: Market
  let leaseId: string
  let counter: ReturnType<typeof countOver>
  let owner: string

  const say = async (...args: string[]) => {
    const at = ['--data-dir', market.publisher.dataDir]
    const { code, stderr } = await zennet(['lease', ...args, leaseId, ...at], { home: join(market.folder, 'teller') })
    expect(code, stderr).toBe(0)
    return stderr
  }
  const factOf = (
    side: 'provider' | 'publisher',
    type: string,
    fits: (one: LogFact) => boolean = () => true,
    count = 1,
  ) =>
    until(
      async () => {
        const found = (await factsOf(market[side], leaseId)).filter((one) => one.type === type && fits(one))
        return found.length >= count && found
      },
      async () =>
        (await factsOf(market[side], leaseId))
          .slice(-12)
          .map((one) => JSON.stringify(one))
          .join('\n'),
    )
  const isCode =
    (code: string) =>
    ({ fact }: LogFact) =>
      fact['code'] === code
  const usageOf = ({ fact }: LogFact) => fact['usage'] as Usage

  /** Both sides say so; then nothing counts inside and nothing but the disk is owed, for at least two ticks of a pause. */
  const expectStandsStill = async (code: string, times = 1) => {
    for (const side of ['provider', 'publisher'] as const) await factOf(side, 'lease.paused', isCode(code), times)
    const isPaused = (one: LogFact) => usageOf(one).paused !== undefined
    const before = (await factOf('publisher', 'lease.metered', isPaused)).length
    const first = (await factOf('publisher', 'lease.metered', isPaused, before + 1)).at(-1)!
    const count = counter.counted.length
    const last = (await factOf('publisher', 'lease.metered', isPaused, before + 3)).at(-1)!
    expect(counter.counted.length).toBe(count)
    const { paused: stored, ...used } = usageOf(last)
    const { paused: storedBefore, ...usedBefore } = usageOf(first)
    expect(used).toEqual(usedBefore)
    expect(BigInt(stored!['diskByteSeconds']!)).toBeGreaterThan(BigInt(storedBefore!['diskByteSeconds']!))
  }
  /** The same program counts on from where it stood. */
  const expectCountsOn = async () => {
    await goesOn(market, leaseId)
    const { counted } = counter
    await counter.reaches(counted.at(-1)! + 5)
    expect(counted).toEqual(counted.map((_, index) => index + 1))
  }
  const toldOf = async (): Promise<{ availability: Told; seen: { fullShare: number; leases: number } | null }> => {
    const { offers } = await market.publisher.api.request<{ offers: { edges: { node: never }[] } }>(
      `{ offers(first: 1) { edges { node {
        availability { month { lentShare served { fullShare leases } } } seen { fullShare leases } } } } }`,
    )
    return offers.edges[0]!.node
  }

  beforeAll(async () => {
    market = await openMarket({
      machines,
      provider: ['--when', 'idle'],
      run: (side) => (side === 'provider' ? { owned: true } : {}),
    })
    owner = join(market.folder, 'provider', 'owner')
    leaseId = await market.rent()
    counter = countOver(sshCommand(await targetOf(market, leaseId), [COUNTS]))
    await counter.reaches(3)
  }, timeout)
  afterAll(async () => {
    counter?.end()
    await market?.close()
    removeEmptyCgroup(SPARE_PARENT)
  }, timeout)

  it('because its publisher asked: its processes too, only the disk is owed, and the session lives on', async () => {
    expect(await say('pause')).toContain('is paused (asked-by-publisher)')
    await expectStandsStill('asked-by-publisher')
    expect(await say('resume')).toContain('goes on')
    await expectCountsOn()
  })

  it('because the owner of the machine needs it: first it has fewer CPUs, then it stands still, and it does not end', async () => {
    ownerIs(owner, 'works')
    const [shrunk] = await factOf('provider', 'lease.shrunk')
    expect(shrunk?.fact['cpuMillis']).toBeLessThan(500)
    await goesOn(market, leaseId)
    ownerIs(owner, 'busy')
    await expectStandsStill('owner-busy')
  })

  it('until the owner is away: it goes on with all of its CPUs, and is paid to the sat', async () => {
    ownerIs(owner, 'away')
    for (const side of ['provider', 'publisher'] as const) await factOf(side, 'lease.resumed', isCode('owner-busy'))
    await expectCountsOn()
    await factOf('provider', 'lease.unshrunk')
    await goesOn(market, leaseId)
    await stopLease(market.publisher, leaseId)
    const { settled } = await expectPaidOnChain(market, leaseId)
    expect(settled.end).toMatchObject({ code: 'stopped-by-publisher' })
    await market.when(market.provider, leaseId, ({ released }) => released)
  })

  it('and the next offer tells of it, also after the provider was killed', async () => {
    await market.provider.kill()
    await market.provider.start()
    leaseId = await market.rent()
    const { availability, seen } = await toldOf()
    const { lentShare, served } = availability.month
    expect(lentShare).toBeGreaterThan(0)
    expect(lentShare).toBeLessThan(1)
    expect(served.leases).toBe(1)
    expect(seen).toMatchObject({ leases: 1 })
    // The publisher sees pauses, and not what was shrunk.
    expect(served.fullShare).toBeLessThan(seen!.fullShare)
    expect(seen!.fullShare).toBeLessThan(1)
    await stopLease(market.publisher, leaseId)
    await expectPaidOnChain(market, leaseId)
    await market.when(market.provider, leaseId, ({ released }) => released)
  })
}
