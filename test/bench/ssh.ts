import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BUSYBOX_IMAGE } from '../../src/machine/busybox-image.ts'
import { namespaceMachines } from '../../src/machine/namespace.ts'
import { SFTP_SERVER, TOOLBOX_BIN, TOOLBOX_SHELL } from '../../src/machine/toolbox.ts'
import { openShellGateway } from '../../src/shell/gateway.ts'
import { generateOpenSshKey } from '../../src/shell/openssh-key.ts'
import {
  createIdentity,
  pinHost,
  remotePath,
  rsyncCommand,
  type ShellTarget,
  scpCommand,
  sshCommand,
} from '../../src/shell/ssh-command.ts'
import { scratchFolder } from '../docker/private-dockerd.ts'
import { freePort } from '../shell/machine-rig.ts'

// How fast bytes go through the gateway into a machine and out of it, beside Debian's sshd on the same loopback, with the same client:
//   node test/bench/ssh.ts [megabytes, default 200] [rounds, default 7]
// Needs root, openssh-client, rsync and Debian's archive: the server is unpacked, not installed, and runs in a mount namespace of its own.
// Of each thing the two are measured in turn, so that what else the machine does falls on both.

const MEGABYTES = Number(process.argv[2] ?? 200)
const ROUNDS = Number(process.argv[3] ?? 7)
const folder = await scratchFolder()
const file = join(folder, 'bytes')
// Nothing that any of them could leave out or make smaller.
execFileSync('sh', ['-c', `head -c ${MEGABYTES}000000 /dev/urandom > '${file}'`])

type Server = {
  readonly target: ShellTarget
  /** Seconds of CPU that it and what it started have used, as far as that has ended. */
  cpu(): Promise<number>
  close(): void | Promise<void>
}

/** `USER_HZ` is 100 on every Linux. Source: proc(5), time(7). */
const TICKS_PER_S = 100
/** Of a process and of its children that it has waited for. */
const cpuOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_S
}

const openSshd = async (): Promise<Server> => {
  const place = join(folder, 'sshd')
  execFileSync('bash', [join(import.meta.dirname, '../shell/unpack-sshd.sh'), place], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const port = await freePort()
  const home = join(folder, 'home of sshd')
  mkdirSync(home)
  const identity = await createIdentity(join(folder, 'client of sshd'))
  const { privateKey, publicKey } = generateOpenSshKey('sshd')
  const [hostKey, keys, passwd] = ['host-key', 'authorized-keys', 'passwd'].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(hostKey, privateKey, { mode: 0o600 })
  writeFileSync(keys, `${identity.publicKey}\n`)
  // The user that it gives its rights up to, where it is not installed; and root at home in a folder of ours.
  const users = readFileSync('/etc/passwd', 'utf8').replace(/^root:.*$/m, `root:x:0:0:root:${home}:/bin/sh`)
  writeFileSync(passwd, `${users.replace(/^sshd:.*\n/m, '')}sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n`)
  const session = join(place, 'root/usr/lib/openssh/sshd-session')
  const options = [
    ...[
      `Port=${port}`,
      'ListenAddress=127.0.0.1',
      `HostKey=${hostKey}`,
      `AuthorizedKeysFile=${keys}`,
      'StrictModes=no',
    ],
    ...['UsePAM=no', 'PasswordAuthentication=no', 'PermitRootLogin=yes', 'PidFile=none'],
    ...['Subsystem=sftp /usr/lib/openssh/sftp-server', ...(existsSync(session) ? [`SshdSessionPath=${session}`] : [])],
  ]
  const inside = `mount --bind '${passwd}' /etc/passwd && mount -t tmpfs tmpfs /run && mkdir -m 755 /run/sshd && exec "$@"`
  const sshd = [join(place, 'bin/sshd'), '-D', '-e', '-f', '/dev/null', ...options.flatMap((one) => ['-o', one])]
  const child = spawn('unshare', ['-m', 'sh', '-c', inside, 'sh', ...sshd], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (part) => {
    said += String(part)
  })
  for (;;) {
    if (child.exitCode !== null) throw new Error(`sshd ended: ${said}`)
    const up = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
      socket.unref().on('connect', () => socket.destroy())
    })
    if (up) break
    await sleep(50)
  }
  const target = await pinHost(
    join(folder, 'client of sshd'),
    { host: '127.0.0.1', port, user: 'root', hostKey: publicKey },
    identity.file,
  )
  const cpu = async () => {
    // What a session used is added when it is waited for, a moment after its client has gone.
    while (readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim() !== '') await sleep(20)
    return cpuOf(child.pid!)
  }
  return { target, cpu, close: () => void child.kill() }
}

const openGateway = async (): Promise<Server> => {
  const [leaseId, user] = ['00112233445566778899aabbccddeeff', 'lease-001122334455']
  const machines = await namespaceMachines({ provider: 'bench-ssh', dataDir: join(folder, 'machines') })
  const resources = {
    cpuMillis: 1_000 * cpus().length,
    memoryBytes: 2 ** 30,
    diskBytes: 4 * MEGABYTES * 1_000_000,
    pids: 256,
  }
  await machines.create({ leaseId, image: BUSYBOX_IMAGE, resources, network: 'none' })
  const gateway = await openShellGateway({
    machines,
    toolbox: { sftpServer: [SFTP_SERVER], path: TOOLBOX_BIN, shell: [TOOLBOX_SHELL], cat: ['/.zennet/busybox', 'cat'] },
    hostKey: generateOpenSshKey('gateway').privateKey,
    listen: { host: '127.0.0.1', port: 0 },
  })
  const identity = await createIdentity(join(folder, 'client'))
  gateway.grant({ leaseId, user, authorizedKeys: [identity.publicKey] })
  const address = { host: '127.0.0.1', port: gateway.port!, user, hostKey: gateway.hostKey }
  const close = async () => {
    await gateway.close()
    await machines.remove(leaseId)
    await machines.close()
  }
  const cpu = async () => {
    const { user: own, system } = process.cpuUsage()
    return (own + system + Number((await machines.counters(leaseId)).cpuUs)) / 1_000_000
  }
  return { target: await pinHost(join(folder, 'client'), address, identity.file), cpu, close }
}

/** Seconds that a client's command takes; its output goes nowhere. */
const seconds = (argv: readonly string[], from = '/dev/null'): Promise<number> =>
  new Promise((resolve, reject) => {
    const begin = performance.now()
    const child = spawn('sh', ['-c', 'exec "$@" < "$0" > /dev/null', from, ...argv], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let complaint = ''
    child.stderr.on('data', (part) => {
      complaint += String(part)
    })
    child.once('close', (code) =>
      code === 0
        ? resolve((performance.now() - begin) / 1_000)
        : reject(new Error(`${argv[0]} ended with ${code}: ${complaint}`)),
    )
  })

const KINDS: Readonly<Record<string, (target: ShellTarget) => Promise<number>>> = {
  'cat up': (target) => seconds(sshCommand(target, ['cat > /dev/null']), file),
  'cat down': (target) => seconds(sshCommand(target, ['cat bytes'])),
  'rsync up': async (target) => {
    await seconds(sshCommand(target, ['rm -f up']))
    return await seconds(rsyncCommand(target, ['--whole-file', file, remotePath(target, 'up')]))
  },
  'rsync down': async (target) => {
    execFileSync('rm', ['-f', join(folder, 'down')])
    return await seconds(rsyncCommand(target, ['--whole-file', remotePath(target, 'bytes'), join(folder, 'down')]))
  },
  'scp up': (target) => seconds(scpCommand(target, ['-q', file, remotePath(target, 'up')])),
  'scp down': (target) => seconds(scpCommand(target, ['-q', remotePath(target, 'bytes'), join(folder, 'down')])),
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
const rate = (took: number): string => (MEGABYTES / took).toFixed(0)
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`

type Took = { readonly seconds: number[]; readonly cpu: number[] }
const servers = { gateway: await openGateway(), sshd: await openSshd() }
try {
  for (const { target } of Object.values(servers))
    await seconds(scpCommand(target, ['-q', file, remotePath(target, 'bytes')]))
  const none = (): Took => ({ seconds: [], cpu: [] })
  const took = new Map(
    Object.keys(KINDS).map((kind) => [kind, { gateway: none(), sshd: none(), load: [] as number[] }]),
  )
  for (let round = 0; round < ROUNDS; round++) {
    for (const [kind, of] of Object.entries(KINDS)) {
      const times = took.get(kind)!
      times.load.push(loadavg()[0]!)
      // Who is first changes.
      for (const name of round % 2 === 0 ? (['gateway', 'sshd'] as const) : (['sshd', 'gateway'] as const)) {
        const before = await servers[name].cpu()
        times[name].seconds.push(await of(servers[name].target))
        times[name].cpu.push((await servers[name].cpu()) - before)
      }
    }
  }
  const client = execFileSync('sh', ['-c', 'ssh -V 2>&1'], { encoding: 'utf8' }).trim()
  console.log(`${MEGABYTES} MB, ${ROUNDS} rounds, ${cpus().length} × ${cpus()[0]?.model}, ${client}\n`)
  console.log(
    '| | gateway MB/s | sshd MB/s | of sshd | by rounds, the middle half | CPU ms of 100 MB, gateway | sshd | load |',
  )
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |')
  for (const [kind, { gateway: ours, sshd: theirs, load }] of took) {
    const shares = ours.seconds.map((one, round) => theirs.seconds[round]! / one).toSorted((a, b) => a - b)
    const [low, high] = [shares[ROUNDS >> 2]!, shares[ROUNDS - 1 - (ROUNDS >> 2)]!]
    const cpu = ({ cpu: used }: Took) => ((median(used) * 100_000) / MEGABYTES).toFixed(0)
    const cells = [
      ...[
        kind,
        rate(median(ours.seconds)),
        rate(median(theirs.seconds)),
        percent(median(theirs.seconds) / median(ours.seconds)),
      ],
      ...[`${percent(low)}–${percent(high)}`, cpu(ours), cpu(theirs), median(load).toFixed(1)],
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
} finally {
  for (const server of Object.values(servers)) await server.close()
  execFileSync('rm', ['-rf', folder])
}
