import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { MachineAddress, Machines } from '../../src/machine/port.ts'
import type { MachineRig } from './machines.ts'

const MIB = 1_048_576
const WAIT_MS = 45_000

const eventually = async <T>(what: string, ask: () => Promise<T>): Promise<T> => {
  for (const end = Date.now() + WAIT_MS; ; await new Promise((resolve) => setTimeout(resolve, 50)))
    try {
      return await ask()
    } catch (error) {
      if (Date.now() > end) throw new Error(`never: ${what}`, { cause: error })
    }
}

/** To the end of one direction; `stream/consumers` would destroy the other with it. */
const whole = async (stream: Duplex): Promise<Buffer> => {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise((resolve) => stream.once('end', resolve).once('close', resolve))
  return Buffer.concat(chunks)
}

/** The contract of sockets inside machines. `forwards` false: the driver refuses all of it, with its code. */
export const machineForwardsContract = (
  name: string,
  { image, forwards }: { readonly image: string; readonly forwards: boolean },
  rig: () => Promise<MachineRig>,
) =>
  describe(`sockets in machines: ${name}`, () => {
    let set: MachineRig | undefined
    let machines: Machines
    const made = new Set<string>()
    const make = async () => {
      const leaseId = randomBytes(16).toString('hex')
      made.add(leaseId)
      const resources = { cpuMillis: 1_000, memoryBytes: 96 * MIB, diskBytes: 16 * MIB, pids: 64 }
      await machines.create({ leaseId, image, network: 'none', resources })
      return leaseId
    }
    const sh = async (leaseId: string, script: string) => {
      const program = await machines.exec(leaseId, { argv: ['sh', '-c', script] })
      program.stdin.end()
      program.stderr?.resume()
      return text(program.stdout)
    }
    const unreachable = expect.objectContaining({ code: 'machine.unreachable' })
    /** Both ends of a connection inside: what was connected, and what the listener got. */
    const pair = async (leaseId: string, at: MachineAddress) => {
      const { promise: came, resolve } = Promise.withResolvers<Duplex>()
      const listener = await machines.listen(leaseId, at, resolve)
      const to = 'path' in at ? at : { host: '127.0.0.1', port: listener.port! }
      return { near: await machines.connect(leaseId, to), far: await came, listener, to }
    }
    const anyPort = { host: '', port: 0 }

    beforeAll(async () => {
      set = await rig()
      machines = await set.open()
    })
    afterEach(async () => {
      for (const leaseId of made) await machines.remove(leaseId)
      made.clear()
    })
    afterAll(async () => {
      await machines?.close()
      await set?.close()
    })

    it.skipIf(forwards)('are refused with a code', async () => {
      const leaseId = await make()
      const refused = { code: 'machine.no-forward' }
      await expect(machines.connect(leaseId, { host: '127.0.0.1', port: 1 })).rejects.toMatchObject(refused)
      await expect(machines.listen(leaseId, anyPort, () => {})).rejects.toMatchObject(refused)
    })

    describe.skipIf(!forwards)('a connection', () => {
      it('reaches a server on loopback, by number and by name', async () => {
        const leaseId = await make()
        const server = await machines.exec(leaseId, {
          argv: ['sh', '-c', 'for i in 1 2 3; do echo hello $i | nc -l -p 7000; done'],
        })
        server.stdout.resume()
        server.stderr?.resume()
        for (const host of ['127.0.0.1', 'localhost', 'LOCALHOST']) {
          const stream = await eventually('it listens', () => machines.connect(leaseId, { host, port: 7000 }))
          stream.end()
          expect(await text(stream)).toMatch(/^hello \d\n$/)
        }
      })

      it.each([
        ['tcp', anyPort],
        ['unix', { path: '/tmp/a socket' }],
      ])('ends each direction alone: %s', async (_, at) => {
        const leaseId = await make()
        const { near, far } = await pair(leaseId, at)
        near.end('question')
        expect((await whole(far)).toString()).toBe('question')
        far.end('answer')
        expect((await whole(near)).toString()).toBe('answer')
      })

      it('carries much both ways at once unchanged, and waits for a slow reader', async () => {
        const leaseId = await make()
        const { near, far } = await pair(leaseId, anyPort)
        // More than the kernel keeps for a connection.
        const [up, down] = [randomBytes(20_000_000), randomBytes(5_000_000)]
        let taken = false
        near.end(up, () => {
          taken = true
        })
        far.end(down)
        const came = await whole(near)
        expect(came.equals(down)).toBe(true)
        // Nobody has read the other direction: it stays with who writes.
        expect(taken).toBe(false)
        expect(far.readableLength).toBeLessThan(300_000)
        expect((await whole(far)).equals(up)).toBe(true)
      })

      it('is many at once', async () => {
        const leaseId = await make()
        const listener = await machines.listen(leaseId, anyPort, (stream) => stream.pipe(stream))
        const all = Array.from({ length: 40 }, async (_, index) => {
          const stream = await machines.connect(leaseId, { host: 'localhost', port: listener.port! })
          stream.end(`number ${index}`)
          return text(stream)
        })
        expect(await Promise.all(all)).toEqual(all.map((_, index) => `number ${index}`))
      })

      it('fails with a code where nobody listens, and for what cannot be meant', async () => {
        const leaseId = await make()
        const addresses: MachineAddress[] = [
          { host: '127.0.0.1', port: 9 },
          { host: 'no-such-name.invalid', port: 80 },
          { host: '', port: 80 },
          { host: 'a\0b', port: 80 },
          { host: 'x'.repeat(5_000), port: 80 },
          { host: '127.0.0.1', port: 65_536 },
          { host: '127.0.0.1', port: Number.NaN },
          { path: '/no/such/socket' },
          { path: '/etc/hostname' },
          { path: 'relative' },
          { path: `/${'x'.repeat(200)}` },
          { path: '/tmp/a\0b' },
        ]
        for (const to of addresses) await expect(machines.connect(leaseId, to)).rejects.toEqual(unreachable)
      })

      it('does not reach the host: neither its ports and addresses nor its sockets', async () => {
        const leaseId = await make()
        const tcp = createServer((socket) => socket.end('host'))
        const path = join(tmpdir(), `zennet-${leaseId.slice(0, 8)}.sock`)
        const unix = createServer((socket) => socket.end('host'))
        await new Promise<void>((resolve) => tcp.listen(0, '0.0.0.0', resolve))
        await new Promise<void>((resolve) => unix.listen(path, resolve))
        try {
          const { port } = tcp.address() as { port: number }
          // Loopback, the first address of Docker's bridge, the metadata service of clouds, all-zero, and forms of them.
          const hosts = [
            '127.0.0.1',
            '172.17.0.1',
            '169.254.169.254',
            '0.0.0.0',
            '::ffff:127.0.0.1',
            '0x7f000001',
            '::1',
          ]
          for (const host of hosts) await expect(machines.connect(leaseId, { host, port })).rejects.toEqual(unreachable)
          await sh(leaseId, `ln -s ${path} /tmp/link; ln -s /proc/1/root${path} /tmp/other`)
          for (const to of [path, '/tmp/link', '/tmp/other', `/tmp/../../../..${path}`, '/var/run/docker.sock'])
            await expect(machines.connect(leaseId, { path: to })).rejects.toEqual(unreachable)
        } finally {
          tcp.close()
          unix.close()
        }
      })
    })

    describe.skipIf(!forwards)('a listener', () => {
      it('is on loopback alone, whatever address is asked for, and is gone when it is closed', async () => {
        const leaseId = await make()
        const { listener, to } = await pair(leaseId, { host: '0.0.0.0', port: 0 })
        expect(listener.port).toBeGreaterThan(0)
        const hex = listener.port!.toString(16).toUpperCase().padStart(4, '0')
        expect(await sh(leaseId, 'cat /proc/net/tcp')).toContain(`0100007F:${hex} 00000000:0000 0A`)
        listener.close()
        listener.close()
        await listener.closed
        await eventually('nobody listens', async () => {
          await expect(machines.connect(leaseId, to)).rejects.toEqual(unreachable)
        })
      })

      it('fails with a code where one stands already, and where nobody may', async () => {
        const leaseId = await make()
        const { listener } = await pair(leaseId, { path: '/tmp/twice' })
        const taken = { host: '', port: (await machines.listen(leaseId, anyPort, () => {})).port! }
        for (const at of [taken, { path: '/tmp/twice' }, { path: '/proc/socket' }, { path: '/no/folder/socket' }])
          await expect(machines.listen(leaseId, at, () => {})).rejects.toEqual(unreachable)
        listener.close()
        // Its file goes with it.
        await eventually('the name is free', () => machines.listen(leaseId, { path: '/tmp/twice' }, () => {}))
      })

      it('ends with the machine, and so do streams', async () => {
        const leaseId = await make()
        const { near, far, listener } = await pair(leaseId, anyPort)
        const ended = Promise.all([near, far].map((one) => new Promise((resolve) => one.once('close', resolve))))
        near.resume()
        far.resume()
        await machines.remove(leaseId)
        await listener.closed
        await ended
        expect(set!.leftovers(leaseId)).toEqual([])
      })
    })

    describe.skipIf(!forwards)('a helper in a machine', () => {
      const helpers = (leaseId: string) => sh(leaseId, "ps -o args | grep '[l]ibexec/forward.pl' | wc -l")

      it('is one, begun when it is needed, and begun again when a tenant ended it', async () => {
        const leaseId = await make()
        expect((await helpers(leaseId)).trim()).toBe('0')
        const { near, listener } = await pair(leaseId, anyPort)
        await pair(leaseId, { path: '/tmp/another' })
        expect((await helpers(leaseId)).trim()).toBe('1')
        const gone = new Promise((resolve) => near.once('close', resolve))
        near.resume()
        await sh(leaseId, 'pkill -9 -f libexec/forward.pl; killall -9 perl loader; true')
        await listener.closed
        await gone
        await eventually('another', () => pair(leaseId, anyPort))
      })

      it('is not started in a frozen machine', async () => {
        const leaseId = await make()
        await machines.freeze(leaseId)
        await expect(machines.connect(leaseId, { host: '127.0.0.1', port: 1 })).rejects.toMatchObject({
          code: 'machine.frozen',
        })
        await expect(machines.connect('absent-0', { host: '127.0.0.1', port: 1 })).rejects.toMatchObject({
          code: 'machine.gone',
        })
        await machines.thaw(leaseId)
      })
    })
  })
