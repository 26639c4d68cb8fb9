import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { Fault } from '../../domain/fault.ts'
import { findProgram } from './host-program.ts'
import { START_LIMIT_MS } from './limits.ts'
import type { CgroupView } from './namespace-cgroup.ts'
import { type HostProcess, readProcess, readProcesses } from './process-tree.ts'
import { TOOLBOX_BUSYBOX, TOOLBOX_SETPRIV } from './toolbox.ts'
import { within } from './within.ts'

/** What host programs see; nothing of the provider's own environment goes in. */
export const HOST_ENV = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }
/** All namespaces but time: user, mount, pid, network, ipc, uts, cgroup. */
const NAMESPACES = ['-U', '-r', '-m', '-p', '-n', '-i', '-u', '-C', '--fork', '--kill-child=KILL']
/** Drops all capabilities for good: the tenant's root is root in name only. */
export const DROPPED = [TOOLBOX_SETPRIV, '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs']

/**
 * As root only, before the user namespace: joins the cgroups, and puts what the machine needs under /tmp of a private mount namespace,
 * since the lease's user may not be let into the provider's data folder.
 */
const STAGE = `set -e
lease=$1 tree=$2 toolbox=$3 disk=$4; shift 4
while [ "$1" != -- ]; do echo $$ > "$1"; shift; done; shift
b=$toolbox/busybox stage=$lease/stage
$b mkdir -p "$stage"
$b mount -t tmpfs -o mode=755,size=64k tmpfs "$stage"
$b mkdir "$stage/tree" "$stage/toolbox" "$stage/disk" "$stage/cgroup"
while [ "$1" != -- ]; do $b mkdir -p "$stage/cgroup/$1"; $b mount --bind "$2" "$stage/cgroup/$1"; shift 2; done; shift
$b mount --bind "$tree" "$stage/tree"
$b mount --bind "$toolbox" "$stage/toolbox"
$b mount --bind "$disk" "$stage/disk"
$b mount --rbind "$stage" /tmp
exec "$@"`

/**
 * In the new namespaces, as their root: makes the root file system (the image read-only, the lease's disk over what is writable), turns
 * into it, lets the host's go, forbids further user namespaces, and becomes the first process, which only collects orphans.
 */
const SETUP = `set -e
lease=$1 tree=$2 toolbox=$3 disk=$4 memory=$5 name=$6
b=$toolbox/busybox
$b mount --bind "$tree" "$tree"
$b mount -o remount,bind,ro,nosuid,nodev "$tree"
cd "$tree"
$b mount --bind "$toolbox" .zennet
$b mount -o remount,bind,ro,nosuid,nodev .zennet
if [ "$memory" != 0 ]; then
  $b mount -t tmpfs -o "mode=755,nosuid,nodev,size=$memory" tmpfs "$disk"
  $b mkdir -m 700 "$disk/root"; $b mkdir "$disk/home"; $b mkdir -m 1777 "$disk/tmp" "$disk/var-tmp"
fi
$b mount --bind "$disk/root" root
$b mount --bind "$disk/home" home
$b mount --bind "$disk/tmp" tmp
$b mount --bind "$disk/var-tmp" var/tmp
$b mount -t tmpfs -o mode=755,nosuid,nodev,size=16m tmpfs run
$b mount -t tmpfs -o mode=755,nosuid,size=1m tmpfs dev
for d in null zero full random urandom tty; do : > dev/$d; $b mount --bind /dev/$d dev/$d; done
$b mkdir dev/pts dev/shm
$b mount -t tmpfs -o mode=1777,nosuid,nodev,size=16m tmpfs dev/shm
$b mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts && $b ln -s pts/ptmx dev/ptmx || :
$b ln -s /proc/self/fd dev/fd; $b ln -s fd/0 dev/stdin; $b ln -s fd/1 dev/stdout; $b ln -s fd/2 dev/stderr
$b mount -t proc -o nosuid,nodev,noexec proc proc
if [ -d /tmp/cgroup ]; then
  $b mount -t tmpfs -o mode=755,nosuid,nodev,noexec,size=64k tmpfs sys
  $b mkdir -p sys/fs/cgroup
  $b mount --rbind /tmp/cgroup sys/fs/cgroup
  $b mount -o remount,bind,ro,nosuid,nodev,noexec sys
fi
echo 0 > proc/sys/user/max_user_namespaces
$b hostname "$name"
$b ip link set lo up
$b pivot_root . .old
cd /
${TOOLBOX_BUSYBOX} umount -l /.old
echo ready
exec </dev/null >/dev/null 2>&1
exec ${TOOLBOX_BUSYBOX} env -i ${DROPPED.join(' ')} ${TOOLBOX_BUSYBOX} sh -c \\
  'while :; do ${TOOLBOX_BUSYBOX} sleep 2147483647 & wait; done' zennet-init`

export type StartPlan = {
  /** The lease's folder: also the mark by which its processes are found on the host. */
  readonly folder: string
  readonly leaseId: string
  readonly tree: string
  readonly toolbox: string
  readonly disk: string
  /** Bytes of a memory disk, where the host cannot mount one of its own; 0 for none. */
  readonly memoryDisk: number
  /** The user that is root inside; undefined: this user (an ordinary one). */
  readonly uid: number | undefined
  readonly cgroupProcs: readonly string[]
  /** The lease's own cgroups as its machine sees them, below `/sys/fs/cgroup`: it cannot write there. */
  readonly cgroupViews: readonly CgroupView[]
}

const program = (name: string): string => {
  const path = findProgram(name)
  if (path !== undefined) return path
  throw new Fault('machine.unavailable', `${name} is not installed`, {
    culprit: 'provider',
    next: 'Install util-linux, or Docker.',
  })
}

const commandOf = (plan: StartPlan): string[] => {
  const inner = (tree: string, toolbox: string, disk: string) => {
    const setup = [plan.folder, tree, toolbox, disk, String(plan.memoryDisk), `lease-${plan.leaseId.slice(0, 12)}`]
    return [program('unshare'), ...NAMESPACES, `${toolbox}/busybox`, 'sh', '-c', SETUP, 'zennet-setup', ...setup]
  }
  if (plan.uid === undefined) return inner(plan.tree, plan.toolbox, plan.disk)
  const user = [program('setpriv'), '--reuid', String(plan.uid), '--regid', String(plan.uid), '--clear-groups']
  const staged = [...user, ...inner('/tmp/tree', '/tmp/toolbox', '/tmp/disk')]
  const stage = [`${plan.toolbox}/busybox`, 'sh', '-c', STAGE, 'zennet-stage', plan.folder, plan.tree, plan.toolbox]
  const views = plan.cgroupViews.flatMap(({ name, folder }) => [name, folder])
  const own = [program('unshare'), '-m', '--propagation', 'private']
  return [...own, ...stage, plan.disk, ...plan.cgroupProcs, '--', ...views, '--', ...staged]
}

/** `outer` waits for `first`, the machine's first process; both are numbers of this host. */
export type Started = { readonly outer: HostProcess; readonly first: HostProcess; readonly exited: Promise<number> }

/**
 * Starts a machine out of namespaces: 24 ms. Its processes outlive this one.
 * @throws Fault `machine.unavailable` when the host forbids it, `machine.exited-at-once`
 */
export const startNamespaces = async (plan: StartPlan): Promise<Started> => {
  const [file, ...args] = commandOf(plan)
  const child = spawn(file!, args, { env: HOST_ENV, cwd: '/', detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let [said, complained] = ['', '']
  child.stderr.on('data', (chunk) => {
    complained = (complained + String(chunk)).slice(-2_000)
  })
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143)))
  })
  const failed = (why: string) =>
    new Fault('machine.unavailable', `a machine of namespaces cannot be made here: ${why}`, {
      culprit: 'provider',
      next: 'Let this user make user namespaces (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns), run as root, or install Docker.',
    })
  const ready = new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(failed(error.message)))
    exited.then((code) => reject(failed(complained.trim() || `it ended with ${code}`)))
    child.stdout.on('data', (chunk) => {
      said += String(chunk)
      if (said.includes('ready\n')) resolve()
    })
  })
  try {
    await within(START_LIMIT_MS, 'starting a machine', ready)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  const outer = readProcess(child.pid!)
  const first = readProcesses().find((one) => one.parent === child.pid)
  if (outer === undefined || first === undefined)
    throw new Fault('machine.exited-at-once', `the machine of lease ${plan.leaseId} ended as soon as it began`, {
      culprit: 'provider',
      next: 'See the memory that was agreed, and the log of the kernel.',
    })
  child.stdout.destroy()
  child.stderr.destroy()
  child.unref()
  return { outer, first, exited }
}

/** Processes of this host that were started for the lease's folder: also ones of which a crash left no record. */
export const processesMarkedBy = (folder: string): HostProcess[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
        return words.includes(folder) ? (readProcess(Number(name)) ?? []) : []
      } catch {
        return []
      }
    })
