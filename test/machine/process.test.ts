import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MachineProcess, Machines } from '../../src/machine/port.ts'
import { HOST_IMAGE, processMachines, processMark } from '../../src/machine/process.ts'
import { processesMarked, sampleProcess } from '../../src/machine/process-table.ts'
import { machineForwardsContract } from '../contracts/machine-forwards.ts'

const leaseId = '00112233445566778899aabbccddeeff'
const resources = { cpuMillis: 1000, memoryBytes: 64 << 20, diskBytes: 64 << 20, pids: 64 }
const spec = { leaseId, image: HOST_IMAGE, resources, network: 'none' } as const

const until = async (fact: () => boolean | Promise<boolean>) => {
  for (const end = Date.now() + 30_000; !(await fact()); await sleep(20))
    if (Date.now() > end) throw new Error('waited 30 s')
}

describe.skipIf(process.platform !== 'linux')('machines that are processes', () => {
  let dataDir: string
  let machines: Machines
  let mark: string
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'zennet-process-'))
    machines = processMachines({ dataDir })
    mark = processMark(dataDir, leaseId)
    await machines.create(spec)
  })
  afterEach(async () => {
    await machines.close()
    for (const lease of await machines.list()) await machines.remove(lease)
    rmSync(dataDir, { recursive: true, force: true })
  })

  const sh = (command: string, more: object = {}) =>
    machines.exec(leaseId, { argv: ['/bin/sh', '-c', command], ...more })
  const tty = { tty: { columns: 91, rows: 37, term: 'xterm' } }
  const seen = (started: MachineProcess) => {
    const chunks: string[] = []
    started.stdout.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
    return () => chunks.join('')
  }

  it('gives exit codes, signals and both outputs apart', async () => {
    const one = await sh('echo out; echo err >&2; exit 7')
    const [out, err, end] = await Promise.all([text(one.stdout), text(one.stderr!), one.exited])
    expect([out, err, end]).toEqual(['out\n', 'err\n', { code: 7 }])
    const two = await sh('kill -TERM $$')
    two.stdout.resume()
    two.stderr!.resume()
    expect(await two.exited).toEqual({ code: undefined, signal: 'TERM' })
  })

  it('says 127 for a program that is not there', async () => {
    const missing = await machines.exec(leaseId, { argv: ['/no/such/program'] })
    missing.stdout.resume()
    missing.stderr!.resume()
    expect(await missing.exited).toEqual({ code: 127 })
  })

  it('has a clean environment, and a home of its own', async () => {
    const started = await sh('pwd; echo "$HOME"; env', { env: { LANG: 'C' } })
    started.stderr!.resume()
    const lines = (await text(started.stdout)).trim().split('\n')
    expect(lines[0]).toBe(lines[1])
    expect(lines[0]).toContain(leaseId)
    const names = lines.slice(2).map((line) => line.split('=')[0]!)
    expect(names).toContain('LANG')
    expect(
      names.filter((name) => !/^(LANG|HOME|PATH|SHELL|USER|LOGNAME|ZENNET_\w+|PWD|OLDPWD|SHLVL|_)$/.test(name)),
    ).toEqual([])
  })

  it('passes large input and output through, and the end of input', async () => {
    const sent = Buffer.alloc(5_000_000, 'zennet')
    const started = await machines.exec(leaseId, { argv: ['/bin/cat'] })
    started.stdin.end(sent)
    started.stderr!.resume()
    expect((await buffer(started.stdout)).equals(sent)).toBe(true)
    expect(await started.exited).toEqual({ code: 0 })
  })

  it('has terminals with a size that changes', async () => {
    const started = await sh('stty size; trap "stty size; exit 3" WINCH; echo ready; while :; do sleep 0.05; done', tty)
    const output = seen(started)
    await until(() => output().includes('ready'))
    expect(output()).toContain('37 91')
    await started.resize(120, 40)
    expect(await started.exited).toEqual({ code: 3 })
    expect(output()).toContain('40 120')
  })

  it('ends all that runs when it is sealed, frozen or not, and stands', async () => {
    const started = await sh('echo kept > file; sleep 4000 & sleep 4001')
    started.stdout.resume()
    await until(async () => (await text((await sh('cat file')).stdout)) === 'kept\n')
    await machines.freeze(leaseId)
    await machines.seal(leaseId)
    await started.exited
    expect(processesMarked(mark)).toHaveLength(1)
    expect(await machines.inspect(leaseId)).toMatchObject({ status: 'running' })
    expect(await text((await sh('cat file')).stdout)).toBe('kept\n')
  })

  it('loses nothing of a terminal that is read late', async () => {
    const started = await sh('stty raw; head -c 300000 /dev/zero | tr "\\0" x', tty)
    await sleep(50)
    expect((await text(started.stdout)).length).toBe(300_000)
    expect(await started.exited).toEqual({ code: 0 })
  })

  it('does not stop for a terminal that does not read', async () => {
    const started = await sh('stty raw -echo; echo ready; sleep 1000', tty)
    const output = seen(started)
    await until(() => output().includes('ready'))
    started.stdin.write(Buffer.alloc(1 << 20, 'a'))
    expect(started.stdin.writableNeedDrain).toBe(true)
    await started.kill()
    expect(await started.exited).toMatchObject({ code: undefined })
  })

  it('ends a program and all that it started', async () => {
    const started = await sh('trap "" HUP; setsid sleep 1000 & (setsid sh -c "sleep 1000 & wait") & echo ready; wait')
    const output = seen(started)
    await until(() => output().includes('ready'))
    started.stderr!.resume()
    await Promise.all([started.kill(), started.kill()])
    await started.exited
    // What stands for the machine is left.
    expect(processesMarked(mark)).toHaveLength(1)
  })

  it('freezes and thaws', async () => {
    const started = await sh('while :; do echo tick; sleep 0.02; done')
    const output = seen(started)
    started.stderr!.resume()
    await until(() => output().includes('tick'))
    await machines.freeze(leaseId)
    await machines.freeze(leaseId)
    expect(await machines.inspect(leaseId)).toMatchObject({ status: 'frozen' })
    expect(processesMarked(mark).map((pid) => sampleProcess(pid)?.state)).not.toContain('R')
    await expect(sh('true')).rejects.toMatchObject({ code: 'machine.frozen' })
    await machines.thaw(leaseId)
    expect(await machines.inspect(leaseId)).toMatchObject({ status: 'running' })
    const before = output().length
    await until(() => output().length > before)
    await started.kill()
  })

  it('counts what is used, also after it ended', async () => {
    const started = await sh(
      'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; head -c 1000000 /dev/zero > file; echo done; read x',
    )
    const output = seen(started)
    started.stderr!.resume()
    await until(() => output().includes('done'))
    const during = await machines.counters(leaseId)
    expect(during.cpuUs).toBeGreaterThan(10_000n)
    expect(during.memoryBytes).toBeGreaterThan(0n)
    started.stdin.end()
    await started.exited
    await until(async () => (await machines.counters(leaseId)).diskBytes >= 1_000_000n)
    const after = await machines.counters(leaseId)
    expect(after.cpuUs).toBeGreaterThanOrEqual(during.cpuUs)
    const restarted = await processMachines({ dataDir }).counters(leaseId)
    expect(restarted.cpuUs).toBeGreaterThanOrEqual(after.cpuUs)
  })

  it('is adopted by a provider that starts again, made once, and removed whole', async () => {
    const before = await machines.inspect(leaseId)
    const again = processMachines({ dataDir })
    await Promise.all([again.create(spec), again.create(spec)])
    expect(await again.inspect(leaseId)).toEqual(before)
    expect(await again.list()).toEqual([leaseId])
    const started = await sh('setsid sleep 1000 & echo ready; wait')
    const output = seen(started)
    started.stderr!.resume()
    await until(() => output().includes('ready'))
    await again.remove(leaseId)
    await again.remove(leaseId)
    expect(processesMarked(mark)).toEqual([])
    expect(await again.list()).toEqual([])
    expect(await again.inspect(leaseId)).toEqual({ status: 'absent' })
    await expect(again.exec(leaseId, { argv: ['/bin/true'] })).rejects.toMatchObject({ code: 'machine.gone' })
  })

  it('tells when what stands for it was ended', async () => {
    const state = await machines.inspect(leaseId)
    if (state.status !== 'running') throw new Error(state.status)
    process.kill(state.pid, 'SIGKILL')
    await until(async () => (await machines.inspect(leaseId)).status === 'exited')
    await expect(sh('true')).rejects.toMatchObject({ code: 'machine.gone' })
  })

  it('leaves the machines of another provider alone', async () => {
    const other = processMachines({ dataDir: join(dataDir, 'other') })
    await other.create(spec)
    await other.remove(leaseId)
    expect(await machines.inspect(leaseId)).toMatchObject({ status: 'running' })
  })

  it('refuses other images, and lease ids that are no name', async () => {
    await expect(machines.create({ ...spec, leaseId: 'other', image: 'debian' })).rejects.toMatchObject({
      code: 'machine.no-image',
    })
    await expect(machines.create({ ...spec, leaseId: '../x' })).rejects.toMatchObject({ code: 'machine.gone' })
  })
})

describe.skipIf(process.platform !== 'linux')('machines that are processes, and their host', () => {
  machineForwardsContract('process', { image: HOST_IMAGE, forwards: false }, async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'zennet-process-'))
    return {
      open: async () => processMachines({ dataDir }),
      leftovers: () => [],
      close: async () => rmSync(dataDir, { recursive: true, force: true }),
    }
  })
})
