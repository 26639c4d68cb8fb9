import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startNode, type TestNode, TOKEN } from '../api/node.ts'
import { leaseIdNumber, sought, toMetering } from '../projections/lease-history.ts'
import { openTerminal, type Terminal, type TerminalOptions, zennetTerminal } from './terminal.ts'
import { zennet } from './zennet.ts'

const timeout = 240_000
const CTRL_C = '\u0003'
let home: string
let node: TestNode
const open: Terminal[] = []
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'zennet-terminal-'))
  node = await startNode()
})
afterEach(() => {
  for (const one of open.splice(0)) one.kill()
})
afterAll(async () => {
  await node.close()
  rmSync(home, { recursive: true, force: true })
})

const terminal = (args: readonly string[], options: Partial<TerminalOptions> = {}): Terminal => {
  const one = zennetTerminal(args, { home, ...options })
  open.push(one)
  return one
}
const target = () => ['--url', node.api.url, '--token', TOKEN]

/** A node that answers everything with the same data. */
const answering = async (data: object): Promise<{ url: string; server: Server }> => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }))
  }).listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

describe('a question', () => {
  let bank: Awaited<ReturnType<typeof answering>>
  beforeAll(async () => {
    bank = await answering({
      createPsbt: { __typename: 'PsbtMade', feeSats: '141' },
      send: { __typename: 'PaymentSent', txid: '7'.repeat(64) },
    })
  })
  afterAll(() => void bank.server.close())
  const payment = () => ['wallet', 'send', 'xcd1address', '5000', '--url', bank.url, '--token', TOKEN]

  it('is asked before money moves; no is no, and ends with 130', { timeout }, async () => {
    const one = terminal(payment())
    await one.until(/fee: 141 sats[\s\S]*Send 5,000 sats to xcd1address\? \[y\/N\] /)
    one.type('n\r')
    expect(await one.ended).toBe(130)
    expect(one.written()).toContain('cli.declined')
  })

  it('is done with yes', { timeout }, async () => {
    const one = terminal(payment())
    await one.until(/\[y\/N\] /)
    one.type('yex\u007fs\r')
    expect(await one.ended).toBe(0)
    expect(one.screen().at(-2)).toMatch(/^7{64}$/)
  })

  it('is not asked with --yes, and refused with --no-input', { timeout }, async () => {
    const yes = terminal([...payment(), '--yes'])
    expect(await yes.ended).toBe(0)
    expect(yes.written()).not.toContain('[y/N]')
    const no = terminal([...payment(), '--no-input'])
    expect(await no.ended).toBe(2)
    expect((await zennet([...payment(), '--no-input'], { home })).code).toBe(2)
  })

  it('refuses where the question would not be seen', { timeout }, async () => {
    const unseen = async (args: readonly string[]) => {
      const one = openTerminal('sh', ['-c', 'exec zennet "$@" 2>> "$HOME/unseen.log"', 'sh', ...args], { home })
      open.push(one)
      return { code: await one.ended, written: one.written() }
    }
    expect(await unseen(payment())).toEqual({ code: 2, written: '' })
    expect(await unseen(['wallet', 'restore', '--data-dir', join(home, 'unseen')])).toEqual({ code: 2, written: '' })
  })

  it('ends with 130 at Ctrl-C', { timeout }, async () => {
    const one = terminal(payment())
    await one.until(/\[y\/N\] /)
    one.type(CTRL_C)
    expect(await one.ended).toBe(130)
  })
})

it('reads a password without showing it', { timeout }, async () => {
  const words = 'xyzzy opensesame'
  const one = terminal(['wallet', 'restore', '--data-dir', join(home, 'restored')])
  await one.until(/The 24 words: /)
  one.type(`${words}\r`)
  expect(await one.ended).toBe(2)
  expect(one.written()).toContain('wallet.bad-mnemonic')
  for (const word of words.split(' ')) expect(one.written()).not.toContain(word)
})

describe('a table that is watched', () => {
  it('is drawn anew in its place, and ends with 130 at Ctrl-C', { timeout }, async () => {
    const id = leaseIdNumber(1)
    await node.append(`lease-${id}`, sought(id))
    const one = terminal(['lease', 'ls', '--watch', ...target()], { columns: 120 })
    await one.until(/announce[\s\S]*Ctrl-C ends/)
    const { length } = one.written()
    await node.append(`lease-${id}`, ...toMetering(id).slice(1))
    await one.until(/negotiate|provision|meter/, length)
    await one.until(/Ctrl-C ends\r\n$/, length)
    const shown = one.screen()
    expect(shown.filter((line) => line.startsWith('LEASE'))).toHaveLength(1)
    expect(shown.filter((line) => line.startsWith(id))).toHaveLength(1)
    one.type(CTRL_C)
    expect(await one.ended).toBe(130)
  })

  it('fits a window of 40 columns, line by line', { timeout }, async () => {
    const one = terminal(['lease', 'ls', '--watch', ...target()], { columns: 40 })
    await one.until(/Ctrl-C e/)
    const id = leaseIdNumber(2)
    const { length } = one.written()
    await node.append(`lease-${id}`, sought(id))
    await one.until(new RegExp(id), length)
    const shown = one.screen().filter((line) => line !== '')
    for (const line of shown) expect(line.length).toBeLessThan(40)
    expect(shown.filter((line) => line.startsWith('LEASE'))).toHaveLength(1)
    one.type(CTRL_C)
    expect(await one.ended).toBe(130)
  })
})

describe('a line of progress', () => {
  let slow: Awaited<ReturnType<typeof answering>>
  beforeAll(async () => {
    // A node whose announcement finds nobody: what is waited for does not come.
    slow = await answering({
      status: { version: '0' },
      rent: { __typename: 'AnnouncementPosted', txid: 'ab'.repeat(32) },
      withdrawAnnouncement: { __typename: 'AnnouncementWithdrawn' },
      announcement: { status: 'STANDING' },
      leases: { edges: [] },
    })
  })
  afterAll(() => void slow.server.close())

  it('names the stage and what it waits for, in one line of a narrow window, and is gone at the end', {
    timeout,
  }, async () => {
    const args = ['rent', '--yes', '--url', slow.url, '--token', TOKEN, '--data-dir', join(home, 'rent'), '--', 'true']
    const one = terminal(args, { columns: 40 })
    await one.until(/announce: [^\r]*waiting for providers?|waiting for providers/)
    const line = one.screen().at(-1)!
    expect(line.length).toBeLessThan(40)
    expect(line).toMatch(/^[a-z]+: /)
    one.type(CTRL_C)
    expect(await one.ended).toBe(130)
    expect(one.screen().join('\n')).toContain('interrupted')
    expect(one.screen().some((shown) => /waiting for/.test(shown))).toBe(false)
  })
})
