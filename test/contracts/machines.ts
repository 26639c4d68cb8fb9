import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ExecSpec, MachineProcess, MachineSpec, Machines } from '../../src/machine/port.ts'

/** What an adapter can do on this host; what it cannot is not asked of it, and is shown as skipped. */
export type MachineTraits = {
  readonly image: string
  /** The host's files, processes and network are out of sight. */
  readonly isolates: boolean
  readonly limitsMemory: boolean
  readonly limitsCpu: boolean
  readonly limitsPids: boolean
  readonly limitsDisk: boolean
  readonly measuresDisk: boolean
}

export type MachineRig = {
  /** An instance of the same provider over the same data: the second one adopts what the first made. */
  open(): Promise<Machines>
  /** What a removed machine left on the host, by name: mounts, cgroups, folders, processes. */
  leftovers(leaseId: string): string[]
  close(): Promise<void>
}

const MIB = 1_048_576
/** Generous: two busy cores. */
const WAIT_MS = 45_000

const eventually = async (what: string, ask: () => boolean | Promise<boolean>) => {
  const end = Date.now() + WAIT_MS
  while (!(await ask())) {
    if (Date.now() > end) throw new Error(`never: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const finish = async (program: MachineProcess, input?: string | Buffer) => {
  if (input !== undefined) program.stdin.end(input)
  const [out, err, end] = await Promise.all([
    text(program.stdout),
    program.stderr === undefined ? '' : text(program.stderr),
    program.exited,
  ])
  return { out, err, ...end }
}

/** Some adapters know the signal, others only a shell's number for it. */
const killed = (end: { code: number | undefined; signal?: string }) => end.signal === 'KILL' || end.code === 137

/** The contract of the machine port, run against every adapter. */
export const machinesContract = (name: string, traits: MachineTraits, rig: () => Promise<MachineRig>) =>
  describe(`machines: ${name}`, () => {
    let set: MachineRig | undefined
    let machines: Machines
    const made = new Set<string>()
    const sh = (script: string): ExecSpec => ({ argv: ['sh', '-c', script] })
    const run = async (leaseId: string, spec: ExecSpec, input?: string | Buffer) =>
      finish(await machines.exec(leaseId, spec), input ?? '')

    const spec = (change: Partial<MachineSpec['resources']> = {}): MachineSpec => {
      const leaseId = randomBytes(16).toString('hex')
      made.add(leaseId)
      const resources = { cpuMillis: 1_000, memoryBytes: 64 * MIB, diskBytes: 16 * MIB, pids: 64, ...change }
      return { leaseId, image: traits.image, network: 'none', resources }
    }
    const make = async (change: Partial<MachineSpec['resources']> = {}) => {
      const wanted = spec(change)
      await machines.create(wanted)
      return wanted.leaseId
    }

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

    describe('a machine', () => {
      it('is made once, however often it is asked for', async () => {
        const wanted = spec()
        await Promise.all([machines.create(wanted), machines.create(wanted)])
        const first = await machines.inspect(wanted.leaseId)
        await machines.create(wanted)
        expect(first.status).toBe('running')
        expect(await machines.inspect(wanted.leaseId)).toEqual(first)
        expect((await machines.list()).filter((id) => id === wanted.leaseId)).toHaveLength(1)
      })

      it('is absent before it is made and after it is removed, which may be repeated', async () => {
        const { leaseId } = spec()
        expect(await machines.inspect(leaseId)).toEqual({ status: 'absent' })
        await machines.remove(leaseId)
        await machines.create({ ...spec(), leaseId })
        await machines.remove(leaseId)
        await machines.remove(leaseId)
        expect(await machines.inspect(leaseId)).toEqual({ status: 'absent' })
        expect(await machines.list()).not.toContain(leaseId)
      })

      it('that is sealed runs nothing of its tenant, and gives its data', async () => {
        const leaseId = await make()
        await run(leaseId, sh('echo kept > "$HOME/file"'))
        const busy = await machines.exec(leaseId, sh('while :; do echo >> "$HOME/beats"; sleep 0.05; done'))
        busy.stdout.resume()
        await eventually('it beats', async () => (await run(leaseId, sh('cat "$HOME/beats"'))).out.length > 1)
        await machines.freeze(leaseId)
        await machines.seal(leaseId)
        await machines.seal(leaseId)
        await busy.exited
        expect(await machines.inspect(leaseId)).toMatchObject({ status: 'running' })
        const beats = async () => (await run(leaseId, sh('cat "$HOME/beats"'))).out.length
        const before = await beats()
        expect((await run(leaseId, sh('sleep 0.5; cat "$HOME/file"'))).out).toBe('kept\n')
        expect(await beats()).toBe(before)
        const other = await set!.open()
        expect((await finish(await other.exec(leaseId, sh('cat "$HOME/file"')), '')).out).toBe('kept\n')
        await other.close()
      })

      it.skipIf(!traits.limitsDisk || process.getuid?.() !== 0)('that is sealed cannot be written to', async () => {
        const leaseId = await make()
        await run(leaseId, sh('echo kept > "$HOME/file"'))
        await machines.seal(leaseId)
        for (const place of ['"$HOME/file"', '/tmp/new', '/home/new', '/var/tmp/new'])
          expect((await run(leaseId, sh(`echo more >> ${place}`))).code, place).not.toBe(0)
        expect((await run(leaseId, sh('rm "$HOME/file" || cat "$HOME/file"'))).out).toBe('kept\n')
      })

      it.skipIf(!traits.limitsCpu)('gets fewer CPUs, and as many again', async () => {
        const leaseId = await make()
        const spun = async () => {
          const before = (await machines.counters(leaseId)).cpuUs
          await run(leaseId, sh('timeout 1 sh -c "while :; do :; done" || :'))
          return Number((await machines.counters(leaseId)).cpuUs - before)
        }
        await machines.shrink(leaseId, 100)
        expect(await spun()).toBeLessThan(400_000)
        await machines.shrink(leaseId, 1_000)
        await eventually('it is as fast as before', async () => (await spun()) > 400_000)
      })

      it('is adopted by another instance, with its data', async () => {
        const leaseId = await make()
        await run(leaseId, sh('echo kept > "$HOME/file"'))
        const other = await set!.open()
        try {
          expect(await other.list()).toContain(leaseId)
          expect(await other.inspect(leaseId)).toEqual(await machines.inspect(leaseId))
          const read = await finish(await other.exec(leaseId, sh('cat "$HOME/file"')), '')
          expect(read.out).toBe('kept\n')
          await other.remove(leaseId)
          expect(await machines.inspect(leaseId)).toEqual({ status: 'absent' })
        } finally {
          await other.close()
        }
      })

      it('leaves nothing when it is removed while programs run in it', async () => {
        const leaseId = await make()
        const program = await machines.exec(leaseId, sh('sleep 1000 & echo started; wait'))
        const ended = finish(program)
        ended.catch(() => {})
        await machines.remove(leaseId)
        await ended
        expect(set!.leftovers(leaseId)).toEqual([])
      })

      it('leaves nothing when it is removed frozen', async () => {
        const leaseId = await make()
        await machines.freeze(leaseId)
        await machines.remove(leaseId)
        expect(await machines.inspect(leaseId)).toEqual({ status: 'absent' })
        expect(set!.leftovers(leaseId)).toEqual([])
      })

      it.skipIf(process.getuid?.() !== 0)(
        'that ended is told so, and stands up again with its data and counters',
        async () => {
          const wanted = spec()
          const { leaseId } = wanted
          await machines.create(wanted)
          await run(leaseId, sh('echo kept > "$HOME/file"; i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done'))
          const before = await machines.counters(leaseId)
          const state = await machines.inspect(leaseId)
          if (state.status === 'running') process.kill(state.pid, 'SIGKILL')
          await eventually('it has ended', async () => (await machines.inspect(leaseId)).status === 'exited')
          await expect(machines.exec(leaseId, sh('true'))).rejects.toMatchObject({ code: 'machine.gone' })
          expect((await machines.counters(leaseId)).cpuUs).toBe(before.cpuUs)
          expect(await machines.list()).toContain(leaseId)
          await machines.create(wanted)
          expect((await machines.inspect(leaseId)).status).toBe('running')
          expect((await run(leaseId, sh('cat "$HOME/file"'))).out).toBe('kept\n')
          expect((await machines.counters(leaseId)).cpuUs).toBeGreaterThanOrEqual(before.cpuUs)
        },
      )

      it.skipIf(!traits.isolates)('of an unknown image is refused with a code, and leaves nothing', async () => {
        const wanted = { ...spec(), image: 'zennet/no-such-image:9' }
        await expect(machines.create(wanted)).rejects.toMatchObject({ code: 'machine.no-image' })
        expect(await machines.inspect(wanted.leaseId)).toEqual({ status: 'absent' })
        expect(set!.leftovers(wanted.leaseId)).toEqual([])
      })

      it('that is not there runs nothing and counts nothing', async () => {
        const { leaseId } = spec()
        await expect(machines.exec(leaseId, sh('true'))).rejects.toMatchObject({ code: 'machine.gone' })
        await expect(machines.counters(leaseId)).rejects.toMatchObject({ code: 'machine.gone' })
        await expect(machines.freeze(leaseId)).rejects.toMatchObject({ code: 'machine.gone' })
      })

      it('is named among those that can be used', async () => expect(await machines.images()).toContain(traits.image))
    })

    describe('a program', () => {
      it('gives its exit code, stdout and stderr apart', async () => {
        const leaseId = await make()
        const end = await run(leaseId, sh('echo to-out; echo to-err >&2; exit 7'))
        expect(end).toMatchObject({ code: 7, out: 'to-out\n', err: 'to-err\n' })
        expect((await run(leaseId, { argv: ['true'] })).code).toBe(0)
      })

      it('that is not there ends with a code that is not 0', async () => {
        const leaseId = await make()
        const end = await run(leaseId, { argv: ['no-such-program'] })
        expect([126, 127]).toContain(end.code)
      })

      it('takes its arguments as they are', async () => {
        const leaseId = await make()
        const odd = ['a b', '$HOME', '*', '', '-x', 'k=v', "it's", 'ü\n']
        const end = await run(leaseId, { argv: ['printf', '[%s]', ...odd] })
        expect(end.out).toBe(odd.map((one) => `[${one}]`).join(''))
      })

      it('reads stdin to its end', async () => {
        const leaseId = await make()
        const bytes = randomBytes(300_000).toString('base64')
        const end = await run(leaseId, { argv: ['cat'] }, bytes)
        expect(end.code).toBe(0)
        expect(end.out).toBe(bytes)
      })

      it('that reads no stdin does no harm to the one who writes', async () => {
        const leaseId = await make()
        const end = await run(leaseId, sh('exec <&-; echo done'), randomBytes(4 * MIB))
        expect(end).toMatchObject({ code: 0, out: 'done\n' })
      })

      it('sees the environment it is given and nothing of the host', async () => {
        process.env['ZENNET_SECRET_OF_HOST'] = 'leaked'
        try {
          const leaseId = await make()
          const end = await run(leaseId, { argv: ['env'], env: { COLOUR: 'blue sky' } })
          expect(end.out).toContain('COLOUR=blue sky\n')
          expect(end.out).toContain('PATH=')
          expect(end.out).toContain('HOME=')
          expect(end.out).not.toContain('ZENNET_SECRET_OF_HOST')
        } finally {
          delete process.env['ZENNET_SECRET_OF_HOST']
        }
      })

      it('is ended with all it started', async () => {
        const leaseId = await make()
        const program = await machines.exec(leaseId, sh('sleep 4321 & (trap "" HUP; sleep 4322) & echo up; wait'))
        const out = program.stdout.setEncoding('utf8')
        await new Promise((resolve) => out.once('data', resolve))
        await program.kill()
        await program.kill()
        out.resume()
        program.stderr?.resume()
        const end = await program.exited
        expect(end.code).not.toBe(0)
        await eventually('no sleep is left', async () => {
          const left = await run(leaseId, sh("ps -o args 2>/dev/null | grep -c '[s]leep 432' || true"))
          return left.out.trim() === '0'
        })
      })
    })

    describe('a terminal', () => {
      const tty = { columns: 101, rows: 37, term: 'xterm-256color' }

      it('has its size from the start, and its type', async () => {
        const leaseId = await make()
        const program = await machines.exec(leaseId, { ...sh('stty size; echo "$TERM"; test -t 0 && exit 3'), tty })
        expect(program.stderr).toBeUndefined()
        const end = await finish(program)
        expect(end.out.replaceAll('\r', '')).toBe('37 101\nxterm-256color\n')
        expect(end.code).toBe(3)
      })

      it('takes a new size', async () => {
        const leaseId = await make()
        const program = await machines.exec(leaseId, { ...sh('echo up; read line; stty size'), tty })
        const ended = finish(program)
        await program.resize(55, 22)
        program.stdin.write('go\n')
        expect((await ended).out).toContain('22 55')
      })

      it('passes Ctrl-C on', async () => {
        const leaseId = await make()
        const program = await machines.exec(leaseId, {
          ...sh('trap "echo caught; exit 42" INT; echo up; read line'),
          tty,
        })
        const chunks: string[] = []
        program.stdout.setEncoding('utf8').on('data', (chunk) => chunks.push(chunk))
        await eventually('the shell is up', () => chunks.join('').includes('up'))
        program.stdin.write('\x03')
        expect((await program.exited).code).toBe(42)
        expect(chunks.join('')).toContain('caught')
      })

      it('gives all output though its stdin was closed', async () => {
        const leaseId = await make()
        const program = await machines.exec(leaseId, {
          ...sh('i=0; while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); done'),
          tty,
        })
        const end = await finish(program, '')
        expect(end.out).toContain('line 199')
        expect(end.code).toBe(0)
      })
    })

    describe('limits', () => {
      it.skipIf(!traits.limitsMemory)('memory: a program that takes more is ended, and the machine stays', async () => {
        const leaseId = await make({ memoryBytes: 24 * MIB })
        const end = await run(leaseId, sh('dd if=/dev/zero of=/dev/null bs=60M count=1'))
        expect(killed(end)).toBe(true)
        expect((await machines.inspect(leaseId)).status).toBe('running')
        expect((await run(leaseId, sh('echo alive'))).out).toBe('alive\n')
      })

      it.skipIf(!traits.limitsPids)('processes: no more than agreed', async () => {
        const leaseId = await make({ pids: 12 })
        const script = 'i=0; while [ $i -lt 40 ]; do sleep 3 & i=$((i+1)); done; echo all'
        const end = await run(leaseId, sh(script))
        expect(end.out).not.toContain('all')
        expect((await machines.inspect(leaseId)).status).toBe('running')
      })

      it.skipIf(!traits.limitsDisk)('disk: writing beyond it fails, in every writable folder together', async () => {
        const leaseId = await make({ diskBytes: 8 * MIB, memoryBytes: 96 * MIB })
        const script = 'dd if=/dev/zero of="$HOME/a" bs=1M count=30; du -sk "$HOME/a" | cut -f1'
        const end = await run(leaseId, sh(script))
        expect(end.err).toContain('No space left')
        expect(Number(end.out.trim())).toBeLessThanOrEqual(8 * 1024)
        expect((await run(leaseId, sh('dd if=/dev/zero of=/tmp/b bs=1M count=30'))).err).toContain('No space left')
        if (traits.measuresDisk) expect((await machines.counters(leaseId)).diskBytes).toBeGreaterThan(4n * 1_048_576n)
      })

      it.skipIf(!traits.limitsCpu)('CPU: a busy loop gets its share and no more', async () => {
        const leaseId = await make({ cpuMillis: 200 })
        const program = await machines.exec(leaseId, sh('while :; do :; done'))
        finish(program).catch(() => {})
        await eventually('CPU is counted', async () => (await machines.counters(leaseId)).cpuUs > 50_000n)
        const [from, before] = [performance.now(), (await machines.counters(leaseId)).cpuUs]
        await eventually('a while has passed', () => performance.now() - from > 1_500)
        const used = Number((await machines.counters(leaseId)).cpuUs - before)
        const tookUs = (performance.now() - from) * 1_000
        // One period (100 ms) of the quota may fall on either side of the window.
        expect(used).toBeLessThan(tookUs * 0.2 + 60_000)
        await program.kill()
      })
    })

    describe('counters', () => {
      it('rise with work and are known to another instance', async () => {
        const leaseId = await make()
        const before = await machines.counters(leaseId)
        const program = await machines.exec(leaseId, sh('while :; do :; done'))
        finish(program).catch(() => {})
        await eventually(
          'CPU is counted',
          async () => (await machines.counters(leaseId)).cpuUs > before.cpuUs + 100_000n,
        )
        await program.kill()
        const after = await machines.counters(leaseId)
        expect(after.memoryBytes).toBeGreaterThan(0n)
        const other = await set!.open()
        expect((await other.counters(leaseId)).cpuUs).toBeGreaterThanOrEqual(after.cpuUs)
        await other.close()
      })
    })

    describe.skipIf(!traits.isolates)('memory', () => {
      it('is counted while a program holds it, and no longer', async () => {
        const leaseId = await make()
        const before = (await machines.counters(leaseId)).memoryBytes
        const script = `BEGIN { s = sprintf("%20000000s", "x"); system("echo up; sleep 1000") }`
        const program = await machines.exec(leaseId, { argv: ['awk', script] })
        await new Promise((resolve) => program.stdout.once('data', resolve))
        finish(program).catch(() => {})
        const held = 15n * 1_048_576n
        await eventually(
          'memory is counted',
          async () => (await machines.counters(leaseId)).memoryBytes > before + held,
        )
        await program.kill()
        await eventually('it is given back', async () => (await machines.counters(leaseId)).memoryBytes < before + held)
      })
    })

    describe('freezing', () => {
      it('stops all work until it is thawed, and may be repeated', async () => {
        const leaseId = await make()
        const program = await machines.exec(leaseId, sh('echo up; while :; do :; done'))
        // A freeze that comes while a program is still being started may fail it: here it has begun.
        await new Promise((resolve) => program.stdout.once('data', resolve))
        finish(program).catch(() => {})
        await machines.freeze(leaseId)
        await machines.freeze(leaseId)
        expect((await machines.inspect(leaseId)).status).toBe('frozen')
        await expect(machines.exec(leaseId, sh('true'))).rejects.toMatchObject({ code: 'machine.frozen' })
        const frozen = (await machines.counters(leaseId)).cpuUs
        await new Promise((resolve) => setTimeout(resolve, 300))
        expect((await machines.counters(leaseId)).cpuUs).toBe(frozen)
        await machines.thaw(leaseId)
        await machines.thaw(leaseId)
        expect((await machines.inspect(leaseId)).status).toBe('running')
        await eventually('it works on', async () => (await machines.counters(leaseId)).cpuUs > frozen + 20_000n)
        await program.kill()
      })
    })

    describe.skipIf(!traits.isolates)('isolation', () => {
      it('keeps the host’s files and processes out of sight', async () => {
        const folder = await mkdtemp(join(tmpdir(), 'zennet-seen-'))
        try {
          writeFileSync(join(folder, 'secret'), 'x', { mode: 0o644 })
          const leaseId = await make()
          expect((await run(leaseId, sh(`test -e ${folder}/secret`))).code).not.toBe(0)
          const seen = await run(leaseId, sh('ls /proc | grep -c "^[0-9]"'))
          expect(Number(seen.out)).toBeLessThan(12)
          expect((await run(leaseId, sh(`touch /bin/x || touch /.zennet/x`))).code).not.toBe(0)
          expect((await run(leaseId, sh('echo x > /proc/sys/kernel/core_pattern'))).code).not.toBe(0)
        } finally {
          await rm(folder, { recursive: true, force: true })
        }
      })

      it('gives its root no capabilities and no way to more', async () => {
        const leaseId = await make()
        const status = await run(leaseId, sh('cat /proc/self/status'))
        expect(status.out).toMatch(/^CapEff:\s*0+$/m)
        expect(status.out).toMatch(/^CapBnd:\s*0+$/m)
        expect(status.out).toMatch(/^NoNewPrivs:\s*1$/m)
        expect((await run(leaseId, sh('mount -t tmpfs none /tmp'))).code).not.toBe(0)
      })

      it('has no network but its own loopback', async () => {
        const leaseId = await make()
        const end = await run(leaseId, sh("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '"))
        expect(end.out.trim()).toBe('lo')
        const echo = await run(
          leaseId,
          sh('(echo hello | nc -l -p 5000 >/dev/null &) ; sleep 1; nc 127.0.0.1 5000 </dev/null'),
        )
        expect(echo.out).toBe('hello\n')
      })

      it('has writable home and /tmp, and device files that work', async () => {
        const leaseId = await make()
        const script =
          'touch "$HOME/x" /tmp/x /home/x /var/tmp/x /run/x && echo > /dev/null && head -c4 /dev/urandom | wc -c'
        const end = await run(leaseId, sh(script))
        expect(end).toMatchObject({ code: 0, out: '4\n' })
      })

      it('carries the toolbox', async () => {
        const leaseId = await make()
        expect((await run(leaseId, { argv: ['/.zennet/bin/sh', '-c', 'echo $0'] })).code).toBe(0)
        // sftp's first message: version 3 is asked for, and answered with packet type 2.
        if (existsSync('/usr/lib/openssh/sftp-server')) {
          const hello = Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3])
          const program = await machines.exec(leaseId, { argv: ['/.zennet/bin/sftp-server'] })
          program.stderr?.resume()
          const answer = new Promise<Buffer>((resolve) => program.stdout.once('data', resolve))
          program.stdin.write(hello)
          expect((await answer)[4]).toBe(2)
          program.stdout.resume()
          program.stdin.end()
          expect((await program.exited).code).toBe(0)
        }
        if (existsSync('/usr/bin/rsync')) expect((await run(leaseId, { argv: ['rsync', '--version'] })).code).toBe(0)
      })
    })
  })

/** Lines of a host's table that name the lease: mounts, and processes by command line. */
export const mountsOf = (needle: string): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(needle))
