import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Fault } from '../../../domain/fault.ts'
import { MAX_SOCKET_MESSAGE_BYTES, MAX_TERMINALS } from '../../../src/api/limits.ts'
import type { Terminals } from '../../../src/api/port.ts'
import { memoryJournal } from '../../../src/journal/memory.ts'
import { guarded, problem } from '../../../src/market/answer.ts'
import { generateOpenSshKey } from '../../../src/shell/openssh-key.ts'
import type { ShellTarget } from '../../../src/shell/port.ts'
import { openTerminal } from '../../../src/shell/terminal-client.ts'
import { leaseId, openRig, type Rig, user } from '../../shell/rig.ts'
import { smallMarket, startNode, type TestNode, TOKEN } from '../node.ts'
import { dial, type TerminalClient } from './client.ts'

const WAIT = { timeout: 60_000 }
const OPEN = { type: 'open', token: TOKEN, leaseId, columns: 93, rows: 31 }

describe.skipIf(process.platform !== 'linux')('a terminal in a browser', { timeout: 120_000 }, () => {
  let rig: Rig
  let node: TestNode
  let key: string
  let target: ShellTarget
  let opened = 0
  beforeAll(async () => {
    rig = await openRig()
    key = readFileSync(rig.identity.file, 'utf8')
    target = { port: rig.address.port, user, hostKey: rig.gateway.hostKey }
    const terminals: Terminals = {
      keyKept: async () => true,
      open: async (id, terminal) => {
        if (id !== leaseId) return problem('not-found', 'no lease', 'none')
        opened++
        return guarded(() => openTerminal(target, key, terminal))
      },
    }
    const journal = memoryJournal()
    node = await startNode(0, { journal, market: { ...smallMarket(journal), terminals } })
  })
  afterAll(async () => {
    await node?.close()
    await rig?.close()
  })

  const shell = async (more = {}): Promise<TerminalClient> => {
    const client = await dial(node.api.url)
    client.say({ ...OPEN, ...more })
    await expect.poll(() => client.told, WAIT).toEqual([{ type: 'opened' }])
    return client
  }
  const shows = (client: TerminalClient, text: string | RegExp) => expect.poll(client.output, WAIT).toMatch(text)

  it('has the size and name that were asked for, follows a change, and tells how the shell ended', async () => {
    const client = await shell({ term: 'vt220' })
    client.type('stty size; echo $TERM\r')
    await shows(client, '31 93\r\nvt220')
    client.say({ type: 'resize', columns: 111, rows: 44 })
    client.type('stty size\r')
    await shows(client, '44 111')
    client.type('exit 7\r')
    expect(await client.closed).toBe(1000)
    expect(client.told.at(-1)).toEqual({ type: 'exit', code: 7 })
  })

  it('carries any bytes, both ways and whole', async () => {
    const client = await shell()
    client.type(
      "stty raw -echo; echo be''gin; head -c 200000 | od -An -v -tu1 | awk '{for(i=1;i<=NF;i++)s+=$i}END{print \"sum=\"s}'\r",
    )
    await shows(client, 'begin')
    const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i % 256)
    for (let at = 0; at < bytes.length; at += 50_000) client.type(bytes.subarray(at, at + 50_000))
    await shows(client, `sum=${bytes.reduce((sum, byte) => sum + byte, 0)}`)
    client.socket.close()
  })

  it('leaves nothing running when its client is gone', async () => {
    const client = await shell()
    client.type('echo be""gin; sleep 1000\r')
    await shows(client, 'begin\r\n')
    client.socket.terminate()
    await expect.poll(() => rig.left(), WAIT).toBe(0)
  })

  it('loses nothing when its reader is slow', async () => {
    const client = await shell()
    client.type('stty -echo; echo be""gin\r')
    await shows(client, 'begin')
    const before = client.bytes()
    client.socket.pause()
    // More than sockets and SSH's window hold between them.
    client.type('yes 0123456789 | head -c 22000000; echo en""d\r')
    client.socket.resume()
    await shows(client, 'end')
    // Each line of 11 bytes comes with a carriage return.
    expect(client.bytes() - before).toBeGreaterThanOrEqual(22_000_000 + 2_000_000)
    client.socket.close()
  })
  it.each([
    ['4400 after what is no JSON', 4400, 'nonsense'],
    ['4400 after what opens nothing', 4400, { type: 'resize', columns: 1, rows: 1 }],
    ['4400 after a lease id that is none', 4400, { ...OPEN, leaseId: '../../etc/passwd' }],
    ['4400 after a size that is none', 4400, { ...OPEN, columns: 0 }],
    ['4400 after a name of a terminal that is none', 4400, { ...OPEN, term: 'a b\n' }],
    ['4400 after more than is known', 4400, { ...OPEN, command: 'rm' }],
    ['4403 when its token is not good', 4403, { ...OPEN, token: 'x' }],
    ['4403 without a token', 4403, { ...OPEN, token: undefined }],
    ['1009 after a message that is too large', 1009, 'x'.repeat(MAX_SOCKET_MESSAGE_BYTES + 1)],
  ])('is closed with %s', async (_, code, message) => {
    const before = opened
    const client = await dial(node.api.url)
    client.say(message)
    expect(await client.closed).toBe(code)
    expect(opened).toBe(before)
  })

  it('is closed with 4401 when it types before it said who it is, 4406 without its protocol, 4408 when it says nothing', async () => {
    const silent = await dial(node.api.url)
    const typist = await dial(node.api.url)
    typist.type('rm -rf /\r')
    expect(await typist.closed).toBe(4401)
    expect(await (await dial(node.api.url, '')).closed).toBe(4406)
    await expect(dial(node.api.url, 'graphql-transport-ws')).rejects.toThrow()
    expect(await silent.closed).toBe(4408)
  })

  it('is closed with 4400 after a frame that is no change of size, and its shell with it', async () => {
    const client = await shell()
    client.say({ type: 'open', token: TOKEN, leaseId })
    expect(await client.closed).toBe(4400)
    await expect.poll(() => rig.left(), WAIT).toBe(0)
  })

  it('is refused to pages of other sites, and to a name that is not this server’s', async () => {
    await expect(dial(node.api.url, undefined, { origin: 'https://evil.example' })).rejects.toThrow(/403/)
    await expect(dial(node.api.url, undefined, { host: 'evil.example' })).rejects.toThrow(/403/)
    const plain = await fetch(`${node.api.url}/terminal`, { headers: { authorization: `Bearer ${TOKEN}` } })
    expect([plain.status, await plain.json()]).toMatchObject([426, { errors: [{ message: 'api.upgrade-required' }] }])
  })

  it('says with a code why there is none', async () => {
    const refusedBy = async (more: object, at: Partial<ShellTarget> = {}, by = key) => {
      const [targetBefore, keyBefore] = [target, key]
      ;[target, key] = [{ ...target, ...at }, by]
      const client = await dial(node.api.url)
      client.say({ ...OPEN, ...more })
      const code = await client.closed
      ;[target, key] = [targetBefore, keyBefore]
      return [code, client.told.map(({ type, code: name }) => [type, name])]
    }
    const other = generateOpenSshKey('other')
    expect(await refusedBy({ leaseId: 'ff'.repeat(16) })).toEqual([4000, [['problem', 'not-found']]])
    expect(await refusedBy({}, { hostKey: other.publicKey })).toEqual([4000, [['problem', 'shell.host-key-changed']]])
    expect(await refusedBy({}, {}, other.privateKey)).toEqual([4000, [['problem', 'shell.refused']]])
    expect(await refusedBy({}, { port: 1 })).toEqual([4000, [['problem', 'shell.unreachable']]])
  })

  it('is one of so many at the most', async () => {
    const clients = []
    for (let i = 0; i < MAX_TERMINALS; i++) clients.push(await shell())
    const more = await dial(node.api.url)
    more.say(OPEN)
    expect(await more.closed).toBe(1013)
    for (const { socket } of clients) socket.terminate()
    await expect.poll(() => rig.left(), WAIT).toBe(0)
    ;(await shell()).socket.close()
  })

  it('ends with a reason when the server stops, and its shell with it', async () => {
    const journal = memoryJournal()
    const terminals: Terminals = {
      keyKept: async () => true,
      open: (_, terminal) => openTerminal(target, key, terminal),
    }
    const stopping = await startNode(0, { journal, market: { ...smallMarket(journal), terminals } })
    const client = await dial(stopping.api.url)
    client.say(OPEN)
    await expect.poll(() => client.told, WAIT).toEqual([{ type: 'opened' }])
    await stopping.close()
    expect(await client.closed).toBe(1001)
    await expect.poll(() => rig.left(), WAIT).toBe(0)
  })

  it('is closed with 4500 when the node fails, and says nothing of it', async () => {
    const journal = memoryJournal()
    const terminals: Terminals = {
      keyKept: async () => true,
      open: () => Promise.reject(new Fault('journal.failed', 'SECRET')),
    }
    const failing = await startNode(0, { journal, market: { ...smallMarket(journal), terminals } })
    const client = await dial(failing.api.url)
    client.say(OPEN)
    expect(await client.closed).toBe(4500)
    expect(client.told).toEqual([])
    expect(failing.logged.join('')).toContain('SECRET')
    await failing.close()
  })
})
