import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { z } from 'zod'

// The parser that knip brings; a package of our own for one test would be one too many.
const { parse }: { parse: (text: string, options: object) => unknown } = createRequire(import.meta.resolve('knip'))(
  'yaml',
)
const folder = new URL('../../ops/kurrentdb/', import.meta.url)
const node = z.looseObject({
  healthcheck: z.looseObject({ test: z.array(z.string()) }),
  environment: z.record(z.string(), z.string()),
  volumes: z.array(z.string()),
  ports: z.array(z.string()),
})
const { services, volumes } = z
  .looseObject({ services: z.record(z.string(), z.unknown()), volumes: z.record(z.string(), z.unknown()) })
  .parse(parse(readFileSync(new URL('compose.yaml', folder), 'utf8'), { merge: true }))
const names = ['node1', 'node2', 'node3']

it('has three nodes and what makes their certificates', () => {
  expect(Object.keys(services).sort()).toEqual(['certificates', ...names])
  expect(readFileSync(new URL('make-certificates.sh', folder), 'utf8')).toContain(names.join(' '))
})

it.each(names)(
  '%s: health over TLS, a certificate of its own, the others as seeds, loopback unless said otherwise',
  (name) => {
    const { healthcheck, environment, volumes: mounted, ports } = node.parse(services[name])
    expect(healthcheck.test.join(' ')).toContain('https://')
    expect(environment).toMatchObject({
      KURRENTDB_CLUSTER_SIZE: '3',
      KURRENTDB_CERTIFICATE_FILE: `/certs/${name}/node.crt`,
      KURRENTDB_CERTIFICATE_PRIVATE_KEY_FILE: `/certs/${name}/node.key`,
      KURRENTDB_TRUSTED_ROOT_CERTIFICATES_PATH: '/certs/ca',
      KURRENTDB_GOSSIP_SEED: names
        .filter((other) => other !== name)
        .map((other) => `${other}:2113`)
        .join(','),
    })
    expect(environment).not.toHaveProperty('KURRENTDB_INSECURE')
    expect(ports).toEqual([expect.stringMatching(/^\$\{KURRENTDB_BIND:-127\.0\.0\.1\}:211[123]:2113$/)])
    for (const volume of mounted) expect(volumes).toHaveProperty(volume.split(':')[0]!)
  },
)
