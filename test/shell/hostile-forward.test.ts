import { readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import ssh2, { type ClientChannel } from 'ssh2'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  FORWARDS_PER_CONNECTION_MAX,
  FORWARDS_PER_LEASE_MAX,
  LISTENERS_PER_LEASE_MAX,
  UNPROVEN_CONNECTIONS_MAX,
  WIRE_BUFFER_MAX_BYTES,
} from '../../src/shell/port.ts'
import { sftpCommand } from '../../src/shell/ssh-command.ts'
import { exchange, type MachineRigOfShell, missingForMachines, openMachineRig } from './machine-rig.ts'
import { leaseId, run, until, user } from './rig.ts'

type Bent = ClientChannel & {
  readonly outgoing: { id: number; window: number }
  readonly _client: { readonly _protocol: { channelWindowAdjust(id: number, bytes: number): void } }
}

describe.skipIf(missingForMachines.length > 0)('a hostile client of a real machine', () => {
  let rig: MachineRigOfShell
  const clients: ssh2.Client[] = []
  beforeAll(async () => {
    rig = await openMachineRig()
    for (const [port, argv] of [
      [7000, 'nc -ll -p 7000 -e cat'],
      [7001, 'nc -ll -p 7001 -e cat /dev/zero'],
      [7002, 'nc -ll -p 7002 -e sleep 1000'],
    ] as const) {
      const server = await rig.machines.exec(leaseId, { argv: ['sh', '-c', argv] })
      server.stdout.resume()
      server.stderr?.resume()
      await until(async () => (await rig.ssh(`grep -i ":${port.toString(16)} " /proc/net/tcp6`)).code === 0)
    }
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy()
    // Whatever it did, the neighbour has its machine, and nothing is left over.
    expect((await rig.neighbourSsh('echo well')).out.toString()).toBe('well\n')
  })
  afterAll(() => rig?.close())

  const login = async () => {
    const client = new ssh2.Client()
    clients.push(client)
    const sock = connect(rig.gateway.port!, '127.0.0.1')
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve).once('error', reject)
      client.connect({ sock, username: user, privateKey: readFileSync(rig.identity.file), strictVendor: false })
    })
    client.on('error', () => {})
    const forward = (port: number, host = '127.0.0.1') =>
      new Promise<Bent>((resolve, reject) =>
        client.forwardOut('127.0.0.1', 1, host, port, (error, channel) =>
          error ? reject(error) : resolve(channel as Bent),
        ),
      )
    const listen = (port: number, host = '127.0.0.1') =>
      new Promise<number>((resolve, reject) =>
        client.forwardIn(host, port, (error, chosen) => (error ? reject(error) : resolve(chosen))),
      )
    return { client, sock, closed, forward, listen }
  }

  it('gets so many forwards, by connection and by lease, is told with a code, and gets them again later', async () => {
    const one = await login()
    const opened = await Promise.allSettled(
      Array.from({ length: FORWARDS_PER_CONNECTION_MAX + 8 }, () => one.forward(7002)),
    )
    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(FORWARDS_PER_CONNECTION_MAX)
    const refused = opened.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []))
    expect(refused).toHaveLength(8)
    for (const why of refused) expect(why).toContain('shell.too-many')
    const two = await login()
    const three = await login()
    const more = await Promise.allSettled(
      [two, three].flatMap((each) => Array.from({ length: FORWARDS_PER_CONNECTION_MAX }, () => each.forward(7002))),
    )
    expect(more.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(
      FORWARDS_PER_LEASE_MAX - FORWARDS_PER_CONNECTION_MAX,
    )
    for (const { client } of [one, two, three]) client.destroy()
    const again = await login()
    await until(() =>
      again.forward(7000).then(
        (channel) => Boolean(channel.resume()),
        () => false,
      ),
    )
  })

  it('gets so many listeners, all inside, and none twice', async () => {
    const { client, listen } = await login()
    const ports = await Promise.allSettled(
      Array.from({ length: LISTENERS_PER_LEASE_MAX + 4 }, (_, n) => listen(7300 + n)),
    )
    expect(ports.filter(({ status }) => status === 'fulfilled')).toHaveLength(LISTENERS_PER_LEASE_MAX)
    await expect(exchange({ port: 7300 }, 'x')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    client.destroy()
    const next = await login()
    await until(() =>
      next.listen(7300, '0.0.0.0').then(
        () => true,
        () => false,
      ),
    )
    const listening = await rig.ssh('cat /proc/net/tcp')
    expect(listening.out.toString()).toContain(`0100007F:${(7300).toString(16).toUpperCase()} `)
  })

  it('reaches nothing of the host: gateway addresses, the metadata service, sockets', async () => {
    const { client, forward } = await login()
    const server = createServer((socket) => socket.end('host'))
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
    const { port } = server.address() as { port: number }
    const hosts = ['127.0.0.1', '0.0.0.0', '172.17.0.1', '10.0.0.1', '169.254.169.254', '::ffff:127.0.0.1', 'localhost']
    for (const host of hosts) await expect(forward(port, host)).rejects.toThrow('machine.unreachable')
    for (const host of ['', 'a\0b', 'x'.repeat(20_000), '127.0.0.1\n'])
      await expect(forward(port, host)).rejects.toThrow('machine.unreachable')
    server.close()
    await rig.ssh('ln -sf /proc/1/root/var/run/docker.sock /tmp/docker.sock')
    for (const path of ['/var/run/docker.sock', '/tmp/docker.sock', '../../run/docker.sock', `${rig.folder}/x`])
      await expect(
        new Promise((resolve, reject) =>
          client.openssh_forwardOutStreamLocal(path, (error, channel) => (error ? reject(error) : resolve(channel))),
        ),
      ).rejects.toThrow('machine.unreachable')
  })

  it('is not sent more through a forward than it reads, however large it says its window is', async () => {
    const { sock, forward } = await login()
    const channel = await forward(7001)
    channel.pause()
    channel._client._protocol.channelWindowAdjust(channel.outgoing.id, 1 << 30)
    const sent = () => rig.gateway.traffic(leaseId).txBytes
    const from = sent()
    await until(() => sent() - from > WIRE_BUFFER_MAX_BYTES)
    sock.pause()
    // It stands still: two looks see the same.
    let before = -1n
    await until(async () => {
      await rig.neighbourSsh('true')
      const now = sent()
      const still = now === before
      before = now
      return still
    })
    expect(sent() - from).toBeLessThan(1n << 30n)
  })

  it('is thrown out when it floods a forward that nobody reads', async () => {
    const { closed, forward } = await login()
    const channel = await forward(7002)
    channel.outgoing.window = Number.MAX_SAFE_INTEGER
    channel.on('error', () => {})
    for (let sent = 0; sent < 40_000_000; sent += 30_001) channel.write(Buffer.alloc(30_001))
    await closed
  })

  it('stays in the machine by sftp, with links and dots', async () => {
    const secret = join(rig.folder, 'secret')
    writeFileSync(secret, 'of the host')
    await rig.ssh(`ln -s ${secret} link; ln -s / root; ln -s /proc/1/root up; ln -s / /tmp/loop`)
    const batch = [
      ...[
        secret,
        'link',
        `root${secret}`,
        `up${secret}`,
        `..${'/..'.repeat(4)}${secret}`,
        `/tmp/loop/proc/self/root${secret}`,
      ],
    ].map((path) => `-get "${path}" "${join(rig.folder, 'stolen')}"`)
    const { err, code } = await run(sftpCommand(rig.target, ['-q', '-b', '-']), [...batch, 'bye', ''].join('\n'))
    expect(code).toBe(0)
    expect(err.match(/not found|No such file|denied/gi)!.length).toBeGreaterThanOrEqual(batch.length)
    expect(() => readFileSync(join(rig.folder, 'stolen'))).toThrow()
    expect((await run(sftpCommand(rig.target, ['-q', '-b', '-']), `put ${secret} /.zennet/x\n`)).code).not.toBe(0)
  })

  it('takes no places by connections that say nothing, or one byte at a time', async () => {
    const slow = Array.from({ length: UNPROVEN_CONNECTIONS_MAX + 20 }, () => connect(rig.gateway.port!, '127.0.0.1'))
    for (const socket of slow) socket.on('error', () => {}).write('S')
    // Those over the limit are closed at once; the rest holds a place for 30 s at the most.
    const closed = await Promise.race([
      Promise.all(slow.slice(-20).map((socket) => new Promise((resolve) => socket.once('close', resolve).resume()))),
    ])
    expect(closed).toHaveLength(20)
    for (const socket of slow) socket.destroy()
    await until(async () => (await rig.ssh('true')).code === 0)
  })
})
