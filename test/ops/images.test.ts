import { execFileSync } from 'node:child_process'
import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPrograms, imageOf } from '../../ops/images/programs.ts'
import { findProgram } from '../../src/machine/host-program.ts'
import { dockerSocket, skipWithoutDocker, whyNoDocker } from '../docker/private-dockerd.ts'
import { readMarket, type Service } from './market.ts'

const why = whyNoDocker() ?? (findProgram('apt-get') === undefined ? 'there is no apt-get' : undefined)
const market = readMarket()
/** Other runs may have a network of the file's own addresses at the same time. */
const prefix = `10.${1 + Math.floor(Math.random() * 254)}.${Math.floor(Math.random() * 256)}.`
const [{ subnet }] = market.networks.market.ipam.config
const here = (text: string): string =>
  text.replaceAll(subnet.replace(/0\/24$/, ''), prefix).replace(/\$\{\w+:-([^}]*)\}/g, '$1')
const name = `zennet-market-${process.pid}`
const BYTES = { m: 1024 ** 2, g: 1024 ** 3 }
const bytes = (text: string): number => Number(text.slice(0, -1)) * BYTES[text.at(-1) as keyof typeof BYTES]

/** As compose would make it, with ports that are free here. */
const containerOf = (service: Service): Docker.ContainerCreateOptions => {
  const isOpen = service.security_opt.includes('systempaths=unconfined')
  return {
    Image: service.image.replace(/\$\{MARKET_TAG:-(.*)\}/, '$1'),
    Cmd: service.command.map(here),
    Env: Object.entries(service.environment).map(([key, value]) => `${key}=${here(value)}`),
    // Asked more often than the image says, so that the test need not wait.
    Healthcheck: { Interval: 1e9 },
    HostConfig: {
      ReadonlyRootfs: service.read_only,
      CapDrop: service.cap_drop,
      Tmpfs: Object.fromEntries(service.tmpfs.map((one) => one.split(/:(.*)/, 2) as [string, string])),
      SecurityOpt: service.security_opt
        .filter((one) => !one.startsWith('systempaths'))
        .map((one) => one.replace(':', '=')),
      ...(isOpen ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
      Binds: service.volumes.map((volume) => `${name}-${volume}`),
      PortBindings: Object.fromEntries(
        service.ports.map((port) => [`${port.split(':').at(-1)}/tcp`, [{ HostIp: '127.0.0.1', HostPort: '0' }]]),
      ),
      NanoCpus: service.cpus * 1e9,
      Memory: bytes(service.mem_limit),
      PidsLimit: service.pids_limit,
      NetworkMode: name,
    },
    NetworkingConfig: {
      EndpointsConfig: { [name]: { IPAMConfig: { IPv4Address: here(service.networks.market.ipv4_address) } } },
    },
  } as Docker.ContainerCreateOptions
}

describe.skipIf((why !== undefined && !process.env['CI']) || skipWithoutDocker())(`the images ${why ?? ''}`, () => {
  let docker: Docker
  let socket: string
  const made: Docker.Container[] = []
  const start = async (options: Docker.ContainerCreateOptions): Promise<Docker.Container> => {
    const container = await docker.createContainer(options)
    made.push(container)
    await container.start()
    return container
  }
  const healthy = async (container: Docker.Container): Promise<void> => {
    for (;;) {
      const { State } = await container.inspect()
      if (State.Health?.Status === 'healthy') return
      if (!State.Running) throw new Error(String(await container.logs({ stdout: true, stderr: true })))
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
  const zennet = (container: Docker.Container, ...args: string[]): string =>
    execFileSync('docker', ['exec', container.id, 'zennet', ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, DOCKER_HOST: `unix://${socket}` },
    })

  beforeAll(async () => {
    socket = await dockerSocket()
    docker = new Docker({ socketPath: socket })
    await buildPrograms(docker)
    await docker.createNetwork({ Name: name, IPAM: { Driver: 'default', Config: [{ Subnet: here(subnet) }] } })
  }, 600_000)
  afterAll(async () => {
    for (const container of made) await container.remove({ force: true, v: true }).catch(() => {})
    await docker
      ?.getNetwork(name)
      .remove()
      .catch(() => {})
    for (const volume of Object.keys(market.volumes))
      await docker
        ?.getVolume(`${name}-${volume}`)
        .remove()
        .catch(() => {})
  })

  it('run no program as root, and have an init', async () => {
    for (const program of ['xencoind', 'zennetd'] as const) {
      const { Config } = await docker.getImage(imageOf(program)).inspect()
      expect(Config.User).toBe('10001:10001')
      expect((Config.Entrypoint as string[])[0]).toBe('tini')
      expect(Object.keys(Config.Volumes ?? {})).toEqual([program === 'xencoind' ? '/chain' : '/data'])
    }
  })

  it('are a whole market: the chain is made, both nodes are ready, a machine is rented, used and paid', async () => {
    const { chain, publisher, provider } = market.services
    const renter = containerOf(publisher!)
    // As README.md says: the wallet first, so that the chain can pay to it.
    const first = await docker.createContainer({
      ...renter,
      Cmd: ['wallet', 'new', '-o', 'json'],
      Entrypoint: ['zennet'],
    })
    made.push(first)
    await first.start()
    expect((await first.wait()).StatusCode).toBe(0)
    const words = await first.logs({ stdout: true, stderr: true })
    const [, address] = /"address": ?"(\w+)"/.exec(String(words)) ?? []
    expect(address).toMatch(/^xcd1/)

    const paysTo = chain!.command.map((word) => (word.startsWith('${MARKET_MINE_TO') ? address! : word))
    await healthy(await start(containerOf({ ...chain!, command: paysTo })))
    const nodes = [await start(renter), await start(containerOf(provider!))]
    for (const node of nodes) {
      await healthy(node)
      const { NetworkSettings } = await node.inspect()
      const port = NetworkSettings.Ports['4000/tcp']?.[0]?.HostPort
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`)
      expect(await answer.json()).toMatchObject({ ok: true })
      const page = await fetch(`http://127.0.0.1:${port}/`)
      expect(page.headers.get('content-type')).toContain('text/html')
    }
    // 11 blocks make the first coins spendable.
    while (!/^confirmed +[1-9]/m.test(zennet(nodes[0]!, 'wallet', 'balance')))
      await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(zennet(nodes[0]!, 'rent', '--isolation', 'namespace', '--', 'uname', '-n')).toMatch(/^lease-[0-9a-f]{12}$/m)
    expect(JSON.parse(zennet(nodes[0]!, 'lease', 'ls', '-o', 'json'))).toMatchObject([{ stage: 'SETTLED' }])
  }, 600_000)
})
