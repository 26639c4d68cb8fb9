import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { findProgram } from '../../src/machine/host-program.ts'
import { VERSION } from '../../src/node/version.ts'
import { MARKET_FILE, readMarket } from './market.ts'
import { unknownVariables, unknownWords } from './settings.ts'

const { services, networks, volumes } = readMarket()
const programOf = (image: string) => (image.includes('xencoind') ? 'xencoind' : 'zennetd')

it('has a chain, a publisher and a provider', () =>
  expect(Object.keys(services)).toEqual(['chain', 'publisher', 'provider']))

it.each(Object.entries(services))(
  '%s is started with what its program knows, and stays in its bounds',
  (_, service) => {
    expect(service.image).toBe(`zennet/${programOf(service.image)}:\${MARKET_TAG:-${VERSION}}`)
    expect(unknownWords(programOf(service.image), service.command)).toEqual([])
    expect(unknownVariables(Object.keys(service.environment))).toEqual([])
    for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:/)
    for (const volume of service.volumes) expect(volumes).toHaveProperty(volume.split(':')[0]!)
    for (const other of Object.keys(service.depends_on)) expect(services).toHaveProperty(other)
    expect(service.security_opt).toContain('no-new-privileges:true')
  },
)

it.each(['publisher', 'provider'])('tells the %s where browsers find it', (name) => {
  const { ports, environment } = services[name]!
  const [address] = ports.map((port) => port.replace(/:4000$/, ''))
  expect(environment['ZENNET_API_URLS']).toBe(`http://${address}`)
})

it('gives every service an address of the network', () => {
  const [{ subnet }] = networks.market.ipam.config
  const prefix = subnet.replace(/0\/24$/, '')
  const own = Object.values(services).map((one) => one.networks.market.ipv4_address)
  expect(own.every((address) => address.startsWith(prefix))).toBe(true)
  expect(new Set(own).size).toBe(own.length)
})

it('would notice what a program does not know', () => {
  expect(unknownWords('zennetd', ['--roles', 'api', '--rolls', '--mine', 'true', 'x'])).toEqual(['--rolls', 'x'])
  expect(unknownWords('xencoind', ['--listen', '--rpc-host', 'x'])).toEqual(['--rpc-host', 'x'])
  expect(unknownVariables(['ZENNET_API_PORT', 'ZENNET_API_PROT', 'HOME'])).toEqual(['ZENNET_API_PROT'])
})

const compose = findProgram('docker-compose')
it.skipIf(compose === undefined && !process.env['CI'])(
  `docker-compose takes it ${compose === undefined ? '(not installed)' : ''}`,
  () => {
    const config = (env: NodeJS.ProcessEnv) =>
      execFileSync(compose!, ['--file', MARKET_FILE, 'config'], {
        env: { ...process.env, ...env },
        encoding: 'utf8',
        stdio: 'pipe',
      })
    expect(config({ MARKET_MINE_TO: 'xcd1qexample' })).toContain('xcd1qexample')
    expect(() => config({})).toThrow(/an address of yours/)
  },
)

it('names no registry', () => {
  const files = ['Dockerfile', 'programs.ts', 'base.sh'].map((name) => `ops/images/${name}`)
  for (const file of [...files, MARKET_FILE])
    for (const [, image] of readFileSync(file, 'utf8').matchAll(/(?:^FROM |image: |BASE=)(\S+)/gm))
      expect(image!.replace(/\$\{[^}]*\}/g, '').split('/')[0], `${file}: ${image}`).not.toMatch(
        /[.].*\/|^localhost|\.(io|com|org)$/,
      )
})
