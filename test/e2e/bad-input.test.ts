import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sshCommand } from '../../src/shell/ssh-command.ts'
import { scratchFolder, skipWithoutDocker, whyNoDocker } from '../docker/private-dockerd.ts'
import { missingClients, run, skipped } from '../shell/rig.ts'
import { targetOf } from './client.ts'
import { startDaemon } from './daemon.ts'
import { LIMIT_MS, type Market, openMarket, until } from './market.ts'
import { leasesOf, type Step, stopLease } from './story.ts'

/** Starts `zennetd` where it cannot start. @returns what it left */
const refused = async (home: string, args: readonly string[], env: Record<string, string> = {}) => {
  mkdirSync(home, { recursive: true })
  const daemon = startDaemon({ script: 'src/main.ts', args, home }, env)
  const code = await daemon.ended
  const fault = /\((?<code>[a-z-]+\.[a-z-]+)\)\n(?<next>\S.*)/.exec(daemon.log())
  return { code, ready: daemon.lines.includes('ready'), fault: fault?.groups?.['code'], next: fault?.groups?.['next'] }
}

describe('a node that cannot start', { timeout: LIMIT_MS }, () => {
  let folder: string
  let taken: Server
  let port: string
  beforeAll(async () => {
    folder = await scratchFolder()
    taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    port = String((taken.address() as { port: number }).port)
  })
  afterAll(async () => {
    taken?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const says = async (fault: string, args: readonly string[], env: Record<string, string> = {}) => {
    const home = join(folder, crypto.randomUUID())
    const found = await refused(home, ['--data-dir', join(home, 'node'), ...args], env)
    expect(found).toMatchObject({ code: 1, ready: false, fault })
    expect(found.next).toMatch(/\S/)
  }
  const quiet = ['--rpc-port', '0', '--api-port', '0', '--publisher-port', '0', '--shell-port', '0']
  const process = ['--machines', 'process']

  it('says that Docker does not answer', () =>
    says('machine.unavailable', [...quiet, '--machines', 'docker', '--docker-socket', join(folder, 'no.sock')]))

  it.each([
    ['API', 'api.port-taken', 'api', '--api-port'],
    ['publisher', 'peer.port-taken', 'publisher', '--publisher-port'],
    ['shell', 'shell.port-taken', 'provider', '--shell-port'],
    ['chain', 'chain.port-taken', 'provider', '--rpc-port'],
  ])('says that the port is taken: %s', (_, fault, roles, flag) =>
    says(fault, ['--roles', roles, ...process, ...quiet, flag, port]),
  )

  it('says that a setting is unknown: in the environment', () =>
    says('config.unknown-key', quiet, { ZENNET_API_PROT: '1' }))

  it('says that a setting is unknown: in the file', async () => {
    const file = join(folder, 'unknown.json')
    writeFileSync(file, '{"apiProt": 1}')
    await says('config.unknown-key', ['--config', file, ...quiet])
  })

  it('says that a setting is unknown: on the command line', async () => {
    const found = await refused(join(folder, 'flag'), ['--api-prot', '1'])
    expect(found.code).not.toBe(0)
    expect(found.ready).toBe(false)
  })

  it.each([
    ['a value', 'config.bad-value', ['--api-port', 'many']],
    ['a role', 'config.bad-value', ['--roles', 'king']],
    ['a file that is not there', 'config.bad-file', ['--config', '/nowhere/zennet.json']],
    ['a chain without a login', 'config.no-chain-login', ['--chain', 'http://127.0.0.1:1/']],
    ['a chain that is not there', 'chain.unreachable', ['--chain', 'http://127.0.0.1:1/', '--chain-user', 'x']],
  ])('says that it cannot use %s', (_, fault, args) => says(fault, [...quiet, ...args]))

  it('says that another node has its folder', async () => {
    const home = join(folder, 'locked')
    mkdirSync(home, { recursive: true })
    const args = ['--data-dir', join(home, 'node'), '--roles', 'api', ...quiet]
    const first = startDaemon({ script: 'src/main.ts', args, home })
    await first.line(/^ready$/)
    const second = await refused(home, args)
    expect(second).toMatchObject({ code: 1, ready: false, fault: 'node.locked' })
    expect(await first.stop()).toBe(0)
  })
})

const unable = skipWithoutDocker() || skipped
const why = [whyNoDocker() ?? '', ...missingClients.map((name) => `no ${name}`)].join(' ')

describe.skipIf(unable)(`a lease that cannot be ${why}`, { timeout: 2 * LIMIT_MS }, () => {
  let market: Market
  beforeAll(async () => {
    market = await openMarket({ machines: 'docker' })
  }, 2 * LIMIT_MS)
  afterAll(() => market?.close(), 2 * LIMIT_MS)

  const asked = async (input: Readonly<Record<string, unknown>>): Promise<Step> => {
    const { rent } = await market.publisher.api.request<{ rent: Step }>(
      'mutation ($input: RentInput!) { rent(input: $input) { __typename ... on Problem { code culprit message next } } }',
      { input: { authorizedKeys: [market.identity.publicKey], idempotencyKey: crypto.randomUUID(), ...input } },
    )
    return rent
  }

  it('is told when it costs more than the wallet has', async () => {
    const problem = await asked({ budgetSats: String(market.funds + 1n) })
    expect(problem).toMatchObject({ __typename: 'Refused', code: 'insufficient-funds' })
    expect(problem.next).toMatch(/\S/)
  })

  it.each([
    ['no key', { authorizedKeys: [] }],
    ['a key that is none', { authorizedKeys: ['ssh-ed25519 AAAA'] }],
    ['no memory', { memoryBytes: '1' }],
    ['a tick of no time', { tickMs: 1 }],
  ])('is told when it is asked for with %s', async (_, input) => {
    const problem = await asked(input)
    expect(problem).toMatchObject({ __typename: 'Refused', code: 'api.bad-input' })
    expect(problem.next).toMatch(/\S/)
  })

  it('fails with the same code on both sides when its image is not there', async () => {
    const txid = await market.announce({ image: 'zennet/no-such-image:1' })
    for (const node of [market.provider, market.publisher]) {
      const lease = await until(
        async () => (await leasesOf(node, txid)).find(({ end }) => end !== null),
        async () => JSON.stringify(await leasesOf(node, txid)),
      )
      expect(lease.end).toMatchObject({ code: 'machine-no-image', culprit: 'provider' })
      expect(lease.end?.next).toMatch(/\S/)
      expect(lease).toMatchObject({ fundingTxid: null, paidSats: '0' })
    }
  })

  // No image can end at once: the first process of every machine is the provider's own, from a mount beside the image.
  it('runs even an image with no program in it', async () => {
    const docker = new Docker({ socketPath: market.socket! })
    const [repo, tag] = ['zennet-test/bare', market.folder.slice(-6).toLowerCase()]
    const tree = join(market.folder, 'bare')
    mkdirSync(tree)
    writeFileSync(join(tree, 'only'), 'a file\n')
    execFileSync('tar', ['-C', tree, '-cf', `${tree}.tar`, '.'])
    const stream = await docker.importImage(`${tree}.tar`, { repo, tag })
    await new Promise((resolve) => docker.modem.followProgress(stream, resolve))
    try {
      const leaseId = await market.rent({ image: `${repo}:${tag}` })
      const { code, out } = await run(sshCommand(await targetOf(market, leaseId), ['cat /only']))
      expect({ code, out: out.toString() }).toEqual({ code: 0, out: 'a file\n' })
      await stopLease(market.publisher, leaseId)
      await market.when(market.provider, leaseId, ({ released, stage }) => released && stage === 'SETTLED')
    } finally {
      await docker.getImage(`${repo}:${tag}`).remove({ force: true })
    }
  })

  it('cannot be stopped when it is none', async () => {
    expect(await stopLease(market.publisher, '00'.repeat(16))).toMatchObject({
      __typename: 'Refused',
      code: 'not-found',
    })
  })
})
