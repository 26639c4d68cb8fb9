import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startNode, type TestNode, TOKEN } from '../api/node.ts'
import { startDaemon } from '../e2e/daemon.ts'
import { leaseIdNumber, sought, toMetering } from '../projections/lease-history.ts'
import { zennet } from './zennet.ts'

const timeout = 240_000
let home: string
let node: TestNode
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'zennet-watch-'))
  node = await startNode()
})
afterAll(async () => {
  await node.close()
  rmSync(home, { recursive: true, force: true })
})

const target = () => ['--url', node.api.url, '--token', TOKEN]
const follow = (...args: string[]) => startDaemon({ script: 'src/cli/main.ts', args: [...args, ...target()], home })
const begin = (n: number) => node.append(`lease-${leaseIdNumber(n)}`, sought(leaseIdNumber(n)))

it('tells a row for each change, and goes on behind a position without a gap', { timeout }, async () => {
  await begin(1)
  const first = follow('lease', 'ls', '--watch', '-o', 'jsonl')
  const [, told] = await first.line(new RegExp(`^(.*"leaseId":"${leaseIdNumber(1)}".*)$`))
  expect(JSON.parse(told!)).toMatchObject({ stage: 'ANNOUNCE' })
  await begin(2)
  const [, second] = await first.line(new RegExp(`^(.*"leaseId":"${leaseIdNumber(2)}".*)$`))
  const { position } = JSON.parse(second!)
  await first.stop()

  // While nobody watches.
  await begin(3)
  await begin(4)
  const again = follow('lease', 'ls', '--watch', '--after', position, '-o', 'jsonl')
  await again.line(new RegExp(leaseIdNumber(4)))
  const ids = again.lines.map((line) => JSON.parse(line).leaseId)
  expect(ids).toEqual([leaseIdNumber(3), leaseIdNumber(4)])
  await again.stop()
})

it('tells a line for each in a table that is not drawn', { timeout }, async () => {
  const lines = follow('lease', 'ls', '--watch')
  await lines.line(/^LEASE +SIDE/)
  await begin(5)
  await lines.line(new RegExp(`^${leaseIdNumber(5)} +publisher +announce`))
  expect(lines.lines.filter((line) => line.startsWith('LEASE'))).toHaveLength(1)
  await lines.stop()
})

it('follows one lease, and the market', { timeout }, async () => {
  const id = leaseIdNumber(6)
  await begin(6)
  const one = follow('lease', 'show', id, '--watch', '-o', 'yaml')
  await one.line(/^stage: ANNOUNCE$/)
  const market = follow('market', 'watch', '--after', '0')
  await market.line(/lease\.sought .*publisherKey=/)
  await node.append(`lease-${id}`, toMetering(id)[1]!)
  await one.line(/^stage: CONNECT$/)
  expect(one.lines.filter((line) => line === '---').length).toBeGreaterThanOrEqual(2)
  await node.append(`lease-${id}`, ...toMetering(id).slice(2))
  await market.line(/lease\.agreed/)
  await one.stop()
  await market.stop()
})

it('is refused where it cannot be meant', { timeout }, async () => {
  expect((await zennet(['lease', 'ls', '--after', '5', ...target()], { home })).code).toBe(2)
  expect((await zennet(['lease', 'ls', '--watch', '--after', 'x', ...target()], { home })).code).toBe(2)
})
