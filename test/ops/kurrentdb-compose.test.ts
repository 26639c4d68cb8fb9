import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { findProgram } from '../../src/machine/host-program.ts'
import { parseYaml } from './yaml.ts'

const folder = new URL('../../ops/kurrentdb/', import.meta.url)
const node = z.looseObject({
  image: z.string(),
  healthcheck: z.looseObject({ test: z.array(z.string()) }),
  environment: z.record(z.string(), z.string()),
  volumes: z.array(z.string()),
  ports: z.array(z.string()),
})
const { services, volumes } = z
  .looseObject({ services: z.record(z.string(), z.unknown()), volumes: z.record(z.string(), z.unknown()) })
  .parse(parseYaml(readFileSync(new URL('compose.yaml', folder), 'utf8')))
const names = ['node1', 'node2', 'node3']

/** Of the server's options (ClusterVNodeOptions, 26.1) those that are set here, as it names them. It does not start with another. */
const OPTIONS = [
  ...['ClusterSize', 'DiscoverViaDns', 'GossipSeed', 'NodeIp', 'NodePort', 'NodeHostAdvertiseAs', 'TelemetryOptout'],
  ...['ReplicationIp', 'ReplicationHostAdvertiseAs', 'AdvertiseHostToClientAs', 'AdvertiseNodePortToClientAs'],
  ...['TrustedRootCertificatesPath', 'CertificateFile', 'CertificatePrivateKeyFile', 'MaxAppendSize'],
  ...['DefaultAdminPassword', 'DefaultOpsPassword'],
]
/** “May not exceed 16MB”, says the server of it. */
const MOST_APPEND_BYTES = 16_777_216

it('has three nodes', () => expect(Object.keys(services)).toEqual(names))

it.each(names)('%s: health over TLS, a certificate of its own, the others as seeds, loopback by default', (name) => {
  const { image, healthcheck, environment, volumes: mounted, ports } = node.parse(services[name])
  expect(image).toMatch(/:\$\{KURRENTDB_TAG:-26\.1\.\d+\}$/)
  expect(healthcheck.test.join(' ')).toContain('https://localhost:2113/health/live')
  const known = OPTIONS.map((option) => `KURRENTDB${option.replace(/([A-Z])/g, '_$1').toUpperCase()}`)
  expect(Object.keys(environment).sort()).toEqual(known.sort())
  expect(environment).toMatchObject({
    KURRENTDB_CLUSTER_SIZE: '3',
    KURRENTDB_NODE_HOST_ADVERTISE_AS: name,
    KURRENTDB_REPLICATION_HOST_ADVERTISE_AS: name,
    KURRENTDB_GOSSIP_SEED: names
      .filter((other) => other !== name)
      .map((other) => `${other}:2113`)
      .join(','),
  })
  expect(Number(environment['KURRENTDB_MAX_APPEND_SIZE'])).toBeLessThanOrEqual(MOST_APPEND_BYTES)
  expect(ports).toEqual([
    `\${KURRENTDB_BIND:-127.0.0.1}:${environment['KURRENTDB_ADVERTISE_NODE_PORT_TO_CLIENT_AS']}:2113`,
  ])
  expect(mounted).toContain(`./certs/${name}:/certs/node:ro`)
  for (const volume of mounted.filter((one) => !one.startsWith('./'))) {
    expect(volumes).toHaveProperty(volume.split(':')[0]!)
  }
})

const noOpenssl = findProgram('openssl') === undefined
let made = ''
beforeAll(() => {
  made = mkdtempSync(join(tmpdir(), 'zennet-certs-'))
  copyFileSync(new URL('make-certificates.sh', folder), join(made, 'make-certificates.sh'))
})
afterAll(() => rmSync(made, { recursive: true, force: true }))

it.skipIf(noOpenssl && !process.env['CI'])(
  'makes certificates that openssl verifies, once',
  { timeout: 60_000 },
  () => {
    const make = () =>
      execFileSync('sh', ['make-certificates.sh'], {
        cwd: made,
        env: { ...process.env, KURRENTDB_HOST: 'log.example' },
        stdio: ['ignore', 'pipe', 'ignore'],
      })
    make()
    const at = (name: string) => join(made, 'certs', name)
    const read = (name: string) => readFileSync(at(`${name}/node.crt`))
    for (const name of names) {
      const found = execFileSync('openssl', ['verify', '-CAfile', at('ca/ca.crt'), at(`${name}/node.crt`)])
      expect(String(found)).toContain('OK')
      const { subject, subjectAltName, keyUsage } = new X509Certificate(read(name))
      expect(subject).toContain('CN=kurrentdb-node')
      expect(subjectAltName).toBe(`DNS:${name}, DNS:localhost, IP Address:127.0.0.1, DNS:log.example`)
      // Server and client: nodes call each other.
      expect(keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
    }
    expect(statSync(at('authority/ca.key')).mode & 0o077).toBe(0)
    const before = names.map(read)
    make()
    expect(names.map(read)).toEqual(before)
  },
)
