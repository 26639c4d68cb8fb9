import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sshCommand } from '../../src/shell/ssh-command.ts'
import { type Guard, skipWithoutDocker, socketOf, startGuard, whyNoDocker } from '../docker/private-dockerd.ts'
import { missingClients, run, skipped } from '../shell/rig.ts'
import { targetOf } from './client.ts'
import { goesOn } from './goes-on.ts'
import { LIMIT_MS, type Market, openMarket, REQUEST, until } from './market.ts'
import { expectPaidOnChain } from './money.ts'
import { stopLease } from './story.ts'

const root = process.getuid?.() === 0
const unable = skipWithoutDocker() || skipped || (!root && !process.env['CI'])
const why = [whyNoDocker(), root ? undefined : 'needs root', ...missingClients.map((name) => `no ${name}`)]
const timeout = 3 * LIMIT_MS

/** What tenants do, and what they see of it: their machine stays, and so does everybody else's. */
const TENANTS: readonly (readonly [string, string, RegExp])[] = [
  [
    'takes more memory than agreed',
    'dd if=/dev/zero of=/dev/null bs=200M count=1; echo ended with $?',
    /ended with 137/,
  ],
  [
    'fills the disk',
    'dd if=/dev/zero of=$HOME/all bs=1M 2>&1; dd if=/dev/zero of=/tmp/all bs=1M 2>&1',
    /No space left/,
  ],
  ['kills all it can, the first process too', 'kill -9 1; kill -TERM 1; kill -9 -1; echo reached', /reached/],
]

describe.skipIf(unable)(`Docker, and tenants, under two leases ${why.filter(Boolean)}`, { timeout }, () => {
  let guard: Guard
  let market: Market
  let neighbour: string
  let leaseId: string
  let bombed: Promise<unknown>
  const docker = () => new Docker({ socketPath: market.socket! })
  const containerOf = (id: string) => docker().getContainer(`zennet-${id}`)
  const endsAs = async (id: string, end: object) => {
    const { settled } = await expectPaidOnChain(market, id)
    expect(settled.end).toMatchObject(end)
    await market.when(market.provider, id, ({ released }) => released)
    const all = await docker().listContainers({ all: true })
    expect(all.filter(({ Names }) => Names.includes(`/zennet-${id}`))).toEqual([])
  }
  /** As the kernel's own killer does it; gone when this resolves. */
  const killDockerd = async () => {
    const pid = Number(readFileSync(join(guard.folder, 'docker.pid'), 'utf8'))
    process.kill(pid, 'SIGKILL')
    await until(
      async () =>
        await docker()
          .ping()
          .then(
            () => false,
            () => true,
          ),
      () => 'the end of dockerd',
    )
  }
  /** The guard begins another one once it has heard of the end of the last: that may be a moment after everybody else. */
  const backAgain = () =>
    until(
      async () => {
        await socketOf(guard)
        return await docker()
          .ping()
          .then(
            () => true,
            () => false,
          )
      },
      () => 'the return of dockerd',
    )
  beforeAll(async () => {
    guard = await startGuard()
    market = await openMarket({ machines: 'docker', socket: await socketOf(guard) })
    neighbour = await market.rent()
    leaseId = await market.rent()
  }, timeout)
  afterAll(async () => {
    await market?.close()
    await guard?.stop()
  }, timeout)

  it.each(TENANTS)('a tenant %s: its lease and the other go on', async (_, script, sees) => {
    const { out } = await run(sshCommand(await targetOf(market, leaseId), [script]))
    expect(out.toString()).toMatch(sees)
    await Promise.all([leaseId, neighbour].map((id) => goesOn(market, id, 3)))
    const again = await run(sshCommand(await targetOf(market, leaseId), ['echo alive']))
    expect(again.out.toString()).toBe('alive\n')
  })

  it('a tenant is a fork bomb: it has as many processes as agreed, and both leases go on', async () => {
    const bomb = run(sshCommand(await targetOf(market, leaseId), ['f() { f & f & while :; do :; done; }; f'])).catch(
      () => {},
    )
    const processes = async () => ((await containerOf(leaseId).top()) as { Processes: unknown[] }).Processes.length
    await until(async () => (await processes()) >= REQUEST.pids / 2, processes)
    await Promise.all([leaseId, neighbour].map((id) => goesOn(market, id, 3)))
    expect(await processes()).toBeLessThanOrEqual(REQUEST.pids)
    const { out } = await run(sshCommand(await targetOf(market, neighbour), ['echo alive']))
    expect(out.toString()).toBe('alive\n')
    bombed = bomb
  })

  it('its container is killed from outside: the host is to blame, and the other lease goes on', async () => {
    await containerOf(leaseId).kill()
    await bombed
    await endsAs(leaseId, { code: 'machine-gone', culprit: 'host' })
    await goesOn(market, neighbour, 3)
  })

  it('dockerd is killed and lets its containers live: they are metered on, and are the same after its return', async () => {
    writeFileSync(join(guard.folder, 'daemon.json'), '{"live-restore": true}')
    process.kill(Number(readFileSync(join(guard.folder, 'docker.pid'), 'utf8')), 'SIGHUP')
    await until(
      async () => (await docker().info()).LiveRestoreEnabled === true,
      () => 'live-restore',
    )
    const before = await containerOf(neighbour).inspect()
    await killDockerd()
    await goesOn(market, neighbour, 3)
    await backAgain()
    await goesOn(market, neighbour, 3)
    const after = await containerOf(neighbour).inspect()
    expect([after.Id, after.State.Pid]).toEqual([before.Id, before.State.Pid])
    const { out } = await run(sshCommand(await targetOf(market, neighbour), ['echo alive']))
    expect(out.toString()).toBe('alive\n')
    await stopLease(market.publisher, neighbour)
    await endsAs(neighbour, { code: 'stopped-by-publisher' })
  })

  it('dockerd is killed, and ends its containers at its return: the host is to blame, and no machine is left', async () => {
    writeFileSync(join(guard.folder, 'daemon.json'), '{"live-restore": false}')
    process.kill(Number(readFileSync(join(guard.folder, 'docker.pid'), 'utf8')), 'SIGHUP')
    await until(
      async () => (await docker().info()).LiveRestoreEnabled === false,
      () => 'no live-restore',
    )
    leaseId = await market.rent()
    await killDockerd()
    await backAgain()
    await endsAs(leaseId, { culprit: 'host' })
    leaseId = await market.rent()
    await stopLease(market.publisher, leaseId)
    await endsAs(leaseId, { code: 'stopped-by-publisher' })
  })
})
