import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import ssh2, { type ClientChannel } from 'ssh2'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  AUTH_ATTEMPTS_MAX,
  SESSIONS_PER_CONNECTION_MAX,
  SHELL_EXIT,
  WIRE_BUFFER_MAX_BYTES,
} from '../../src/shell/port.ts'
import { leaseId, openRig, type Rig, until, user } from './rig.ts'

/** What a client must reach into ssh2 for in order to break the rules. */
type Bent = ClientChannel & {
  readonly outgoing: { id: number; window: number }
  readonly _client: { readonly _protocol: { channelWindowAdjust(id: number, bytes: number): void } }
}

describe.skipIf(process.platform !== 'linux')('a client that breaks the rules', () => {
  let rig: Rig
  const clients: ssh2.Client[] = []
  beforeEach(async () => {
    rig = await openRig()
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy()
    await rig.close()
  })

  const login = async () => {
    const client = new ssh2.Client()
    clients.push(client)
    const sock: Socket = connect(rig.gateway.port!, '127.0.0.1')
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve).once('error', reject)
      client.connect({ sock, username: user, privateKey: readFileSync(rig.identity.file) })
    })
    client.on('error', () => {})
    const exec = (command: string) =>
      new Promise<Bent>((resolve, reject) =>
        client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel as Bent))),
      )
    return { client, sock, closed, exec }
  }

  it('is not sent more than it reads, however large it says its window is', async () => {
    const { sock, exec } = await login()
    const channel = await exec('cat /dev/zero')
    channel.pause()
    channel._client._protocol.channelWindowAdjust(channel.outgoing.id, 1 << 30)
    const sent = () => rig.gateway.traffic(leaseId).txBytes
    await until(() => sent() > WIRE_BUFFER_MAX_BYTES)
    sock.pause()
    await until(async () => {
      const before = sent()
      await sleep(300)
      return sent() === before
    })
    expect(sent()).toBeLessThan(1n << 30n)
  })

  it('is thrown out when it sends past the window it was given', async () => {
    const { closed, exec } = await login()
    const channel = await exec('sleep 1000')
    channel.outgoing.window = Number.MAX_SAFE_INTEGER
    channel.on('error', () => {})
    // Not a divisor of the window: ssh2 only notices when exactly nothing is left of it.
    for (let sent = 0; sent < 20_000_000; sent += 30_001) channel.write(Buffer.alloc(30_001))
    await closed
    await until(() => rig.left() === 0)
  })

  it('gets so many sessions and no more', async () => {
    const { exec } = await login()
    const opened = await Promise.allSettled(Array.from({ length: SESSIONS_PER_CONNECTION_MAX + 4 }, () => exec('cat')))
    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(SESSIONS_PER_CONNECTION_MAX)
    for (const one of opened) if (one.status === 'fulfilled') one.value.resume().end()
    await until(() => rig.left() === 0)
    await until(() =>
      exec('true').then(
        (channel) => Boolean(channel.resume()),
        () => false,
      ),
    )
  })

  it('gets so many attempts to log in', async () => {
    let tries = 0
    const client = new ssh2.Client()
    clients.push(client)
    client.on('error', () => {})
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
    client.connect({
      host: '127.0.0.1',
      port: rig.gateway.port!,
      username: user,
      authHandler: (_methods, _partial, next) => {
        tries += 1
        next({ type: 'password', username: user, password: String(tries) } as never)
      },
    })
    await closed
    expect(tries).toBeLessThanOrEqual(AUTH_ATTEMPTS_MAX + 1)
  })

  it('cannot send a command with a NUL', async () => {
    const { client } = await login()
    const code = await new Promise((resolve) =>
      client.exec('echo a\0b', (_error, channel) => channel.resume().once('exit', resolve)),
    )
    expect(code).toBe(SHELL_EXIT.refused)
  })
})
