import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Fact } from '../../domain/fact.ts'
import { leaseStream } from '../../domain/ids.ts'
import { graphqlClient } from '../../src/api/client.ts'
import { readToken } from '../../src/api/token.ts'
import { readConfig } from '../../src/config.ts'
import { type Node, openNode } from '../../src/node/node.ts'
import { zennet } from '../cli/zennet.ts'
import { filesWith, newFolder, removeFolder } from '../forgetting/place.ts'
import { over, running, secretOf } from '../forgetting/secret-lease.ts'
import { leaseIdNumber, PROVIDER } from '../projections/lease-history.ts'

const LIMIT_MS = 120_000

let home: string
let node: Node | undefined
const dataDir = () => join(home, 'data')
const open = async (): Promise<Node> => {
  const flags = {
    dataDir: dataDir(),
    roles: 'publisher,api',
    network: 'regtest',
    apiPort: 0,
    publisherPort: 0,
    rpcPort: 0,
  }
  node = await openNode(readConfig({ flags, env: { XDG_CONFIG_HOME: '/nonexistent' } }), pino({ level: 'silent' }))
  return node
}
beforeEach(async () => {
  home = await newFolder()
})
afterEach(async () => {
  await node?.close()
  node = undefined
  await removeFolder(home)
})

const forget = (...args: string[]) => zennet(['forget', ...args, '--data-dir', dataDir()], { home })
const ask = async <T>(running: Node, document: string): Promise<T> =>
  graphqlClient({ url: running.api!.url, token: await readToken(running.api!.tokenFile) }).request<T>(document)

it(
  'zennet forget: a node has no word of a lease any more, in no file and in no answer',
  async () => {
    const begun = await open()
    const write = (n: number, facts: readonly Fact[]) =>
      begun.journal.transact([{ stream: leaseStream(leaseIdNumber(n)), expected: 0, facts }])
    await write(1, over(1))
    await write(2, over(2))
    const position = await write(3, running(3))
    const [one, two, three] = [1, 2, 3].map(leaseIdNumber) as [string, string, string]
    await ask(begun, `{ leases(atLeast: "${position}", first: 5) { edges { node { leaseId } } } }`)
    await mkdir(join(dataDir(), 'keys'))
    await writeFile(join(dataDir(), 'keys', one), secretOf(1))
    expect(await filesWith(dataDir(), secretOf(1))).not.toEqual([])

    // Nobody is there to be asked, so nothing happens.
    expect(await forget('lease', one)).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
    expect(await forget('lease', three, '--yes')).toMatchObject({
      code: 6,
      stdout: expect.stringContaining('lease-active'),
      stderr: expect.stringContaining('(lease-active)'),
    })
    expect(await forget('peer', PROVIDER, '--yes')).toMatchObject({ code: 6 })
    expect(await forget('announcement', 'f'.repeat(64), '--yes')).toMatchObject({ code: 3 })
    for (const bad of [['peer', 'abc'], ['announcement', one], ['lease'], ['wallet', one]])
      expect(await forget(...bad, '--yes')).toMatchObject({ code: 2 })
    expect(await filesWith(dataDir(), secretOf(2))).not.toEqual([])

    for (const target of ['{}', `{ lease: "${one}", announcement: "${'f'.repeat(64)}" }`, '{ lease: "ff" }']) {
      const { forgettable } = await ask<{ forgettable: object }>(
        begun,
        `{ forgettable(target: ${target}) { ... on Problem { code } } }`,
      )
      expect(forgettable).toEqual({ code: 'api.bad-input' })
    }

    const done = await forget('lease', one, '--yes')
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('1 forgotten') })
    expect(await forget('lease', one, '--yes')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('forgotten already'),
    })
    expect(await filesWith(home, secretOf(1))).toEqual([])
    expect(await filesWith(home, secretOf(2))).not.toEqual([])

    const told = await ask<{ lease: object; other: object }>(
      begun,
      `{ lease(leaseId: "${one}") { forgotten remote shellHostKey end { code why } log(first: 50) { edges { node { fact } } } }
         other: lease(leaseId: "${two}") { forgotten remote } }`,
    )
    expect(told.lease).toMatchObject({
      forgotten: true,
      remote: '(forgotten)',
      shellHostKey: '(forgotten)',
      end: { code: 'stopped-by-publisher', why: '(forgotten)' },
    })
    expect(JSON.stringify(told.lease)).not.toContain('secret')
    expect(told.other).toEqual({ forgotten: false, remote: `${secretOf(2)}:4001` })

    await begun.close()
    const again = await open()
    expect((await again.journal.read(leaseStream(one)))[0]).toMatchObject({ personal: 'forgotten' })
    expect((await again.journal.read(leaseStream(two)))[0]).toMatchObject({ personal: 'open' })
  },
  LIMIT_MS,
)

it(
  'a node does not start with keys that others may read',
  async () => {
    await mkdir(dataDir(), { recursive: true })
    await writeFile(join(dataDir(), 'subject-keys.sqlite'), '', { mode: 0o644 })
    await expect(open()).rejects.toMatchObject({ code: 'keys.exposed' })
  },
  LIMIT_MS,
)
