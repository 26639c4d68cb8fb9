import type { AddressInfo } from 'node:net'
import ssh2, { type ServerChannel } from 'ssh2'
import { afterEach, describe, expect, it } from 'vitest'
import { generateOpenSshKey } from '../../src/shell/openssh-key.ts'
import { FLOOD_MAX_BYTES } from '../../src/shell/port.ts'
import { openTerminal } from '../../src/shell/terminal-client.ts'

const WAIT = { timeout: 60_000 }
const MAX_WINDOW = 2 * 1024 * 1024
const key = generateOpenSshKey('test')
const SIZE = { columns: 80, rows: 24, term: 'vt100' }

/** What a gateway must reach into ssh2 for in order to break the rules. */
type Bent = ServerChannel & { readonly outgoing: { window: number } }

describe('a terminal of a gateway that breaks the rules', { timeout: 60_000 }, () => {
  const servers: ssh2.Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  /** A gateway that lets everybody in, and its first shell's channel. */
  const gateway = async () => {
    let opened: (channel: Bent) => void
    const shell = new Promise<Bent>((resolve) => {
      opened = resolve
    })
    const server = new ssh2.Server({ hostKeys: [key.privateKey] }, (connection) => {
      connection.on('error', () => {})
      connection.on('authentication', (context) => context.accept())
      connection.on('session', (accept) => {
        const session = accept()
        session.on('pty', (yes) => yes?.())
        session.on('shell', (yes) => opened(yes() as Bent))
      })
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const terminal = await openTerminal({ port, user: 'anyone', hostKey: key.publicKey }, key.privateKey, SIZE)
    return { terminal, channel: await shell }
  }

  it('is not read ahead of its reader, on either output, and loses nothing of both', async () => {
    const { terminal, channel } = await gateway()
    const all = 12 * MAX_WINDOW
    let sent = 0
    const chunk = Buffer.alloc(65_536, 1)
    const feed = async () => {
      for (; sent < all; sent += chunk.length) await new Promise((done) => channel.stderr.write(chunk, done))
      channel.exit(3)
      channel.end()
    }
    const fed = feed()
    await expect.poll(() => sent, WAIT).toBeGreaterThanOrEqual(MAX_WINDOW)
    let before = -1
    while (before !== sent) {
      before = sent
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    expect(sent).toBeLessThan(3 * MAX_WINDOW)
    let read = 0
    terminal.stream.on('data', (bytes: Buffer) => {
      read += bytes.length
    })
    await fed
    expect(await terminal.ended).toEqual({ code: 3 })
    expect(read).toBe(all)
  })

  it.each(['stdout', 'stderr'] as const)('ends with a code when %s ignores the window', async (name) => {
    const { terminal, channel } = await gateway()
    // ssh2 drops what comes when exactly nothing is left of the window.
    const chunk = Buffer.alloc(30_001, 1)
    const output = name === 'stderr' ? channel.stderr : channel
    for (let sent = 0; sent < 4 * FLOOD_MAX_BYTES; sent += chunk.length) {
      channel.outgoing.window = 1 << 30
      output.write(chunk)
    }
    await expect(terminal.ended).rejects.toMatchObject({ code: 'shell.flooded', culprit: 'provider' })
    expect(terminal.stream.destroyed).toBe(true)
  })

  it('is hung up on though it does not answer', async () => {
    const { terminal, channel } = await gateway()
    const { _client } = channel as unknown as { _client: { _protocol: { parse(): void }; _sock: { end(): void } } }
    _client._protocol.parse = () => {}
    _client._sock.end = () => {}
    terminal.close()
    expect(await terminal.ended).toEqual({})
  })
})
