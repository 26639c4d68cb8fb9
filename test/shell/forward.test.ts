import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { remotePath, scpCommand, sftpCommand, sshCommand } from '../../src/shell/ssh-command.ts'
import { exchange, freePort, type MachineRigOfShell, missingForMachines, openMachineRig } from './machine-rig.ts'
import { leaseId, run, until } from './rig.ts'

const skipped = missingForMachines.length > 0

describe.skipIf(skipped)(`forwards, by OpenSSH's client${missingForMachines.map((name) => ` (no ${name})`)}`, () => {
  let rig: MachineRigOfShell
  const servers: Server[] = []
  beforeAll(async () => {
    rig = await openMachineRig()
    for (const [port, program] of [
      [7000, 'tr a-z A-Z'],
      [7001, 'cat'],
    ] as const) {
      const server = await rig.machines.exec(leaseId, { argv: ['sh', '-c', `nc -ll -p ${port} -e ${program}`] })
      server.stdout.resume()
      server.stderr?.resume()
      await until(() =>
        rig.machines.connect(leaseId, { host: '127.0.0.1', port }).then(
          (stream) => Boolean(stream.destroy()),
          () => false,
        ),
      )
    }
  })
  afterAll(async () => {
    for (const server of servers) server.close()
    await rig?.close()
  })
  /** A server on this host, as a client's own. */
  const serve = (at: number | string) =>
    new Promise<number>((resolve) => {
      const server = createServer({ allowHalfOpen: true }, (socket) => {
        socket.on('error', () => {})
        socket.once('data', (chunk) => socket.end(`client got ${chunk}`))
      })
      servers.push(server)
      server.listen(at as number, () => resolve((server.address() as { port?: number })?.port ?? 0))
    })
  const eventually = async <T>(ask: () => Promise<T>): Promise<T> => {
    let last: { value: T } | undefined
    await until(async () => {
      last = await ask().then(
        (value) => ({ value }),
        () => undefined,
      )
      return last !== undefined && last.value !== ''
    })
    return last!.value
  }

  it('-L reaches a server in the machine, by either name, and passes the end of input', async () => {
    const [one, two] = [await freePort(), await freePort()]
    const ssh = rig.stay(['-L', `${one}:127.0.0.1:7000`, '-L', `${two}:localhost:7000`])
    expect(await eventually(() => exchange({ port: one }, 'hello'))).toBe('HELLO')
    expect(await eventually(() => exchange({ port: two }, 'there'))).toBe('THERE')
    await ssh.stop()
  })

  it('-L from and to unix sockets', async () => {
    const path = join(rig.folder, 'local.sock')
    const ssh = rig.stay(['-L', `${path}:/tmp/in.sock`, '-R', `/tmp/in.sock:${join(rig.folder, 'client.sock')}`])
    await serve(join(rig.folder, 'client.sock'))
    // Into the machine by its socket, which the same client listens at: out again by the other forward.
    expect(await eventually(() => exchange({ path }, 'x'))).toBe('client got x')
    await ssh.stop()
    // The socket's file goes with the connection.
    await until(async () => (await rig.ssh('test -e /tmp/in.sock')).code === 1)
  })

  it('-D is a SOCKS proxy into the machine, and counts what goes through', async () => {
    const port = await freePort()
    const ssh = rig.stay(['-D', `${port}`])
    const before = rig.gateway.traffic(leaseId)
    const greeting = Buffer.from('\x05\x01\x00', 'latin1')
    const name = Buffer.from('localhost')
    const ask = Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), name, Buffer.from([7000 >> 8, 7000 & 255])])
    const said = Buffer.concat([greeting, ask, Buffer.from('socks')])
    const answered = () => exchange({ port }, said).then((answer) => answer.endsWith('SOCKS'))
    await until(() => answered().catch(() => false))
    const after = rig.gateway.traffic(leaseId)
    expect(after.rxBytes - before.rxBytes).toBeGreaterThanOrEqual(5n)
    expect(after.txBytes - before.txBytes).toBeGreaterThanOrEqual(5n)
    await ssh.stop()
  })

  it('-R listens in the machine alone, at the port that was asked for or any', async () => {
    const client = await serve(0)
    const ssh = rig.stay(['-R', `7100:127.0.0.1:${client}`, '-R', `0:127.0.0.1:${client}`])
    const inside = (port: number | string) => rig.ssh(`echo from inside | nc 127.0.0.1 ${port}`)
    await until(async () => (await inside(7100)).out.toString() === 'client got from inside\n')
    await until(() => /Allocated port (\d+)/.test(ssh.err()))
    const [, chosen] = /Allocated port (\d+)/.exec(ssh.err())!
    expect((await inside(chosen!)).out.toString()).toBe('client got from inside\n')
    // Not on this host, and not in the neighbour's machine.
    await expect(exchange({ port: 7100 }, 'x')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect((await rig.neighbourSsh('nc 127.0.0.1 7100 </dev/null')).code).not.toBe(0)
    await ssh.stop()
    await until(async () => (await inside(7100)).code !== 0)
  })

  it('carries 5 MB through the machine and back unchanged', async () => {
    const sent = randomBytes(5_000_000)
    const { code, out } = await run(sshCommand(rig.target, [], ['-W', '127.0.0.1:7001']), sent)
    expect(code).toBe(0)
    expect(out.equals(sent)).toBe(true)
  })

  it('says with a code what cannot be reached', async () => {
    const { code, err } = await run(sshCommand(rig.target, [], ['-W', '127.0.0.1:9']))
    expect(code).toBe(255)
    expect(err).toContain('connect failed: machine.unreachable: inside the machine: Connection refused')
  })

  describe('what VS Code Remote-SSH does', () => {
    it('runs its script from stdin, a server on loopback, a socket, files, all over one connection', async () => {
      const control = join(rig.folder, 'mux')
      const socks = await freePort()
      const mux = ['-o', `ControlPath=${control}`]
      const first = ['-T', '-D', `${socks}`, '-o', 'ControlMaster=yes', '-o', 'ControlPersist=no', ...mux]
      // Its installer: a script on stdin of `bash -s` or `sh`, which starts a server, prints where it listens, and stays.
      const script = [
        'set -e; mkdir -p ~/.vscode-server; echo "env:$LANG:$LC_ALL"; uname -rms',
        'nc -ll -p 7200 -e tr a-z A-Z >/dev/null 2>&1 </dev/null &',
        'echo "listeningOn==7200=="; cat',
      ]
      const argv = sshCommand(rig.target, ['sh'], [...first, '-o', 'SetEnv=LANG=C.UTF-8 LC_ALL=C'])
      let said = ''
      let stop = () => {}
      const running = run(argv, undefined, (child) => {
        child.stdout!.on('data', (chunk) => {
          said += String(chunk)
        })
        child.stdin!.write(`${script.join('\n')}\n`)
        stop = () => void child.stdin!.end()
      })
      await until(() => said.includes('listeningOn==7200=='))
      expect(said).toContain('env:C.UTF-8:C\n')

      const asked = Buffer.concat([
        Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1]),
        Buffer.from([7200 >> 8, 7200 & 255]),
      ])
      await until(async () =>
        (await exchange({ port: socks }, Buffer.concat([asked, Buffer.from('code')]))).endsWith('CODE'),
      )

      // Later channels come over the same connection: many commands, a copy, and a listing.
      const shared = (command: string) => run(sshCommand(rig.target, [command], mux))
      const many = await Promise.all(Array.from({ length: 8 }, (_, index) => shared(`echo ${index}`)))
      expect(many.map(({ out }) => out.toString())).toEqual(many.map((_, index) => `${index}\n`))
      const file = join(rig.folder, 'extension.vsix')
      writeFileSync(file, randomBytes(300_000))
      const copied = await run(scpCommand(rig.target, [...mux, '-q', file, remotePath(rig.target, '.vscode-server/')]))
      expect(copied).toMatchObject({ code: 0, err: '' })
      const listed = await run(sftpCommand(rig.target, [...mux, '-q', '-b', '-']), 'ls -l .vscode-server\nbye\n')
      expect(listed.out.toString()).toContain('300000')

      // A forward that is added later, to a unix socket of the machine.
      const local = join(rig.folder, 'vscode.sock')
      const back = await serve(0)
      const add = (option: readonly string[]) => run(sshCommand(rig.target, [], [...mux, '-O', 'forward', ...option]))
      expect((await add(['-R', `/tmp/vscode-ipc.sock:127.0.0.1:${back}`])).code).toBe(0)
      expect((await add(['-L', `${local}:/tmp/vscode-ipc.sock`])).code).toBe(0)
      expect(await eventually(() => exchange({ path: local }, 'open file'))).toBe('client got open file')
      const cancel = ['-O', 'cancel', '-R', `/tmp/vscode-ipc.sock:127.0.0.1:${back}`]
      expect((await run(sshCommand(rig.target, [], [...mux, ...cancel]))).code).toBe(0)
      await until(async () => (await shared('test -e /tmp/vscode-ipc.sock')).code === 1)
      stop()
      expect((await running).code).toBe(0)
    })
  })
})
