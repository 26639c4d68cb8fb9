import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { lease } from '../../domain/lease/lease.ts'
import { parseLeaseFact } from '../../domain/lease/parse-fact.ts'
import { plainJson } from '../../domain/plain-text.ts'
import { plainYaml } from '../../src/cli/yaml.ts'
import { startNode, type TestNode, TOKEN } from '../api/node.ts'
import { goldenStreams } from '../histories/golden.ts'
import { EVIL, hostileStreams } from './strangers.ts'
import { zennet } from './zennet.ts'

const timeout = 600_000
/** Controls but the line feed, and everything that turns or hides text. */
const RAW = /[^\P{C}\n]|[\u2028\u2029]/u

let home: string
let node: TestNode
const leases: string[] = []
const posts: string[] = []
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'zennet-strangers-'))
  node = await startNode()
  for (const [stream, facts] of hostileStreams()) {
    if (!/^(lease|announcement)-/.test(stream)) continue
    await node.append(stream, ...facts)
    ;(stream.startsWith('lease-') ? leases : posts).push(stream.replace(/^[a-z]+-/, ''))
  }
}, timeout)
afterAll(async () => {
  await node.close()
  rmSync(home, { recursive: true, force: true })
})
const run = (...args: string[]) => zennet([...args, '--url', node.api.url, '--token', TOKEN], { home })
/** The lease with the most to tell. */
const richest = (): string =>
  [...hostileStreams()]
    .filter(([stream]) => stream.startsWith('lease-'))
    .sort(([, a], [, b]) => b.length - a.length)[0]![0]
    .slice(6)

describe('text of strangers, through a real node', () => {
  const shows: readonly [what: string, args: () => string[]][] = [
    ['market ls', () => ['market', 'ls', '--all']],
    ['market depth', () => ['market', 'depth']],
    ['post explain', () => ['post', 'explain', posts[0]!]],
    ['lease ls', () => ['lease', 'ls', '--limit', '100']],
    ['lease show', () => ['lease', 'show', richest()]],
    ['lease logs', () => ['lease', 'logs', richest()]],
    ['lease replay', () => ['lease', 'replay', richest()]],
    ['lease watch', () => ['lease', 'watch', richest()]],
  ]
  it.each(shows)('zennet %s never has it raw, in any form', { timeout }, async (_, args) => {
    for (const output of ['table', 'json', 'jsonl', 'yaml']) {
      // A lease that is not over is followed for ever; those of the histories are.
      const { code, stdout, stderr } = await run(...args(), '-o', output)
      expect({ code, stderr }, `${output} ${stderr}`).toEqual({ code: 0, stderr: '' })
      expect(RAW.test(stdout), output).toBe(false)
      expect(stdout.split('\n')).not.toContain('zennet: done')
      if (output === 'json') expect(() => (args()[1] === 'watch' ? 0 : JSON.parse(stdout))).not.toThrow()
    }
  })

  it('is whole again when data are read', { timeout }, async () => {
    const { stdout } = await run('market', 'ls', '--all', '-o', 'yaml')
    const [document] = parseAllDocuments(stdout)
    expect(JSON.stringify((document as { toJS(): unknown }).toJS())).toContain(JSON.stringify(EVIL).slice(1, -1))
  })
})

describe('zennet lease replay', () => {
  it('folds as the domain does, at every version', { timeout }, async () => {
    const id = richest()
    const facts = hostileStreams().get(`lease-${id}`) as readonly LeaseFact[]
    let state = lease.initial
    for (const [at, fact] of facts.entries()) {
      state = lease.evolve(state, fact)
      // A process each: some of them, the first and the last.
      if (at % 5 !== 0 && at !== facts.length - 1) continue
      const { stdout, stderr } = await run('lease', 'replay', id, '--at', String(at + 1), '-o', 'json')
      const replayed = JSON.parse(stdout || stderr)
      expect(replayed).toMatchObject({ version: at + 1, type: fact.type })
      expect(replayed.state).toEqual(state.value)
      expect(replayed.context).toEqual(JSON.parse(plainJson(state.context)))
    }
    expect((await run('lease', 'replay', id, '--at', String(facts.length + 1))).code).toBe(3)
  })
})

it('gives back every stored fact of the plain JSON of the API', () => {
  for (const file of ['lease-publisher.v1.jsonl', 'lease-provider.v1.jsonl'])
    for (const facts of goldenStreams(file).values())
      for (const fact of facts) expect(parseLeaseFact(JSON.parse(plainJson(fact)))).toEqual(fact)
})

it('writes YAML that says the same, with nothing raw in it', () => {
  const value = {
    [`key${EVIL}`]: [EVIL, '', '- a', 'null', 12n, 1.5, true, null, { deep: `${EVIL}\n\n${EVIL}` }, 'x'.repeat(500)],
  }
  const text = plainYaml(value)
  expect(RAW.test(text)).toBe(false)
  expect(text.split('\n')).not.toContain('zennet: done')
  expect(parseAllDocuments(text).map((document) => (document as { toJS(): unknown }).toJS())).toEqual([
    JSON.parse(JSON.stringify(value, (_, it) => (typeof it === 'bigint' ? String(it) : it))),
  ])
})
