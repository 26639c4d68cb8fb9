import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildSchema, getVariableValues, Kind, OperationTypeNode, parse, validate } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProgram } from '../../src/machine/host-program.ts'
import { startNode, TOKEN } from '../api/node.ts'
import { everyCommand, nodeCommands } from './every-command.ts'
import { zennet } from './zennet.ts'

/** Many programs one after the other, on a machine that does other things as well. */
const timeout = 600_000
const schema = buildSchema(readFileSync('schema.graphql', 'utf8'))
/** Mutations by their form that change nothing: what they make is handed back. */
const HARMLESS = /\b(?:createPsbt|signPsbt|combinePsbts)\b/
/** These read what they sign, or post, on the way. */
const KEY = `ssh-ed25519 ${'A'.repeat(68)} me\n`

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'zennet-shown-'))
  mkdirSync(join(home, '.ssh'))
  writeFileSync(join(home, '.ssh', 'id_ed25519.pub'), KEY)
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const samples = await nodeCommands()
const dead = ['--url', 'http://127.0.0.1:9', '--token', 'not-shown-anywhere']

describe('--explain', () => {
  it.each(samples)(
    'zennet $name prints a document that the schema allows, and asks nobody',
    { timeout },
    async ({ args, flags }) => {
      const { code, stdout, stderr } = await zennet([...args, ...dead, '--explain', '-o', 'json'], { home })
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('zennet:') })
      const { query, variables } = JSON.parse(stdout)
      const document = parse(query)
      expect(validate(schema, document)).toEqual([])
      const [operation] = document.definitions
      if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation')
      const isChange = operation.operation === OperationTypeNode.MUTATION && !HARMLESS.test(query)
      expect(flags.has('--dry-run') || !isChange).toBe(true)
      expect(getVariableValues(schema, operation.variableDefinitions ?? [], variables)).not.toHaveProperty('errors')
      expect(stdout).not.toContain('not-shown-anywhere')
    },
  )

  it('is a document as it stands, in the form for people too', { timeout }, async () => {
    const { stdout } = await zennet(['lease', 'ls', '--active', ...dead, '--explain'], { home })
    expect(validate(schema, parse(stdout))).toEqual([])
    expect(stdout).toMatch(/^# +"active": true/m)
  })
})

describe('--dry-run', () => {
  const documents: string[] = []
  let server: Server
  let url: string
  beforeAll(async () => {
    const subject = {
      kind: 'LEASE',
      id: 'ab',
      sealedFacts: 1,
      plainFacts: 0,
      forgotten: false,
      obstacle: null,
      why: null,
    }
    const data = {
      status: { version: '0', height: 1, head: '1' },
      fees: { estimates: [{ feeRate: 1.5 }] },
      lease: { paidSats: '1000', capacitySats: '50000' },
      createPsbt: { __typename: 'PsbtMade', feeSats: '141' },
      forgettable: { __typename: 'Forgettable', subjects: [subject] },
    }
    server = createServer(async (request, response) => {
      let text = ''
      for await (const part of request) text += String(part)
      documents.push(JSON.parse(text).query)
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }))
    }).listen(0, '127.0.0.1')
    await new Promise((done) => server.once('listening', done))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => void server.close())

  it.each(samples.filter(({ flags }) => flags.has('--dry-run')))(
    'zennet $name says what would happen, and has nothing changed',
    { timeout },
    async ({ args }) => {
      documents.length = 0
      const { code, stdout, stderr } = await zennet(
        [...args, '--url', url, '--token', TOKEN, '--dry-run', '-o', 'json'],
        {
          home,
        },
      )
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('zennet:') })
      const told = JSON.parse(stdout)
      expect(told).toMatchObject({ would: expect.stringMatching(/\w/), mutation: expect.stringMatching(/^[a-z]\w+$/) })
      expect(documents.filter((it) => /^\s*mutation\b/.test(it) && !HARMLESS.test(it))).toEqual([])
    },
  )

  it('knows the fee of a payment, and what a top-up and a rent lock', { timeout }, async () => {
    const run = async (...args: string[]) => {
      const { stdout } = await zennet([...args, '--url', url, '--token', TOKEN, '--dry-run'], { home })
      return stdout
    }
    expect(await run('wallet', 'send', 'xcd1address', '5000')).toMatch(/^fee +141 sats.*\nin all +5,141 sats$/m)
    expect(await run('lease', 'top-up', 'cd'.repeat(16), '5000')).toMatch(/^locked then +55,000 sats/m)
    expect(await run('rent', '--max-price', '7200', '--duration', '30m', '--budget', '4000', '--count', '3')).toMatch(
      /^would +rent 3 machines, 30m at most, for 12,000 sats at the most$/m,
    )
  })

  it('is there where something is changed without a node', async () => {
    const local = ['wallet new', 'wallet restore', 'context add', 'context use', 'context rm', 'journal copy']
    for (const { name, flags } of await everyCommand())
      if (local.includes(name) || /^journal (rescue|archive|restore)$/.test(name))
        expect(flags.has('--dry-run'), name).toBe(true)
  })

  it('makes no wallet and no context', { timeout }, async () => {
    const dataDir = join(home, 'never')
    expect((await zennet(['wallet', 'new', '--data-dir', dataDir, '--dry-run'], { home })).stdout).toContain(
      'wallet.json',
    )
    const added = await zennet(['context', 'add', 'a', '--url', url, '--dry-run'], { home })
    expect(added.stdout).toContain('contexts.json')
    expect((await zennet(['context', 'ls', '-o', 'json'], { home })).stdout).toBe('[]\n')
    expect(() => readFileSync(join(dataDir, 'wallet.json'))).toThrow(/ENOENT/)
  })
})

describe.skipIf(findProgram('curl') === undefined && !process.env['CI'])('--curl', () => {
  it('is a command that gets the same, with the token from its file', { timeout }, async () => {
    const node = await startNode()
    const dataDir = join(home, "it's a node")
    mkdirSync(dataDir)
    writeFileSync(join(dataDir, 'api-token'), TOKEN)
    writeFileSync(join(dataDir, 'api.json'), JSON.stringify({ url: node.api.url }))
    try {
      const at = ['--data-dir', dataDir]
      const { stdout } = await zennet(['market', 'ls', '--own', ...at, '--curl'], { home })
      expect(stdout).not.toContain(TOKEN)
      const answer = await promisify(execFile)('sh', ['-c', stdout])
      expect(JSON.parse(answer.stdout)).toEqual({ data: { announcements: { edges: [] } } })
      const byVariable = await zennet(['market', 'ls', '--url', node.api.url, '--token', TOKEN, '--curl'], { home })
      expect(byVariable.stdout).toContain('$ZENNET_TOKEN')
      expect(byVariable.stdout).not.toContain(TOKEN)
    } finally {
      await node.close()
    }
  })
})
