import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MachineSpec, Machines } from '../../src/machine/port.ts'
import type { MachineRig } from './machines.ts'

const MIB = 1_048_576

/**
 * What a tenant may try, as root of its machine: programs that it needs, and a script in which `out` is only reached by somebody who got
 * out. Each needs what is really there: an attempt that fails for want of a program would show nothing.
 */
const ATTEMPTS: readonly (readonly [name: string, needs: string, script: string])[] = [
  [
    'write to /.zennet',
    'touch mv rm chmod',
    'touch /.zennet/x && out; echo x > /.zennet/busybox && out; rm -f /.zennet/busybox; [ -e /.zennet/busybox ] || out; mv /.zennet/busybox /.zennet/b && out; chmod 777 /.zennet && out',
  ],
  [
    'mount /.zennet anew, or something over it',
    'mount umount',
    'mount -o remount,rw /.zennet && out; mount -o remount,bind,rw /.zennet && out; mount --bind /tmp /.zennet && out; umount /.zennet && out; umount -l /.zennet && out',
  ],
  ['write to the image', 'touch mount', 'touch /bin/x && out; echo x > /etc/x && out; mount -o remount,rw / && out'],
  [
    'make device nodes',
    'mknod',
    'for d in "b 8 0" "b 7 0" "b 259 0" "c 1 1" "c 1 11" "c 10 229" "c 10 232" "c 10 200"; do mknod /tmp/node $d && out; mknod $HOME/node $d && out; mknod /dev/node $d && out; done',
  ],
  [
    'read devices of the host',
    'head ls',
    'for d in mem kmem port kmsg sda vda nvme0n1 loop0 loop-control kvm fuse mapper/control net/tun disk; do [ ! -e /dev/$d ] || { head -c 1 /dev/$d > /dev/null && out; }; done; for d in /dev/*; do [ ! -b $d ] || out; done',
  ],
  [
    'mount',
    'mount mkdir',
    'mkdir -p /tmp/m; for t in proc tmpfs sysfs devtmpfs cgroup cgroup2 debugfs securityfs overlay; do mount -t $t none /tmp/m && out; done; mount --bind / /tmp/m && out; mount --make-shared / && out',
  ],
  [
    'write to cgroups',
    'find',
    'for f in $(find /sys/fs/cgroup -type f 2>/dev/null | head -n 400); do echo 1 2>/dev/null > $f && out; done; for d in $(find /sys/fs/cgroup -type d 2>/dev/null | head -n 100); do mkdir $d/x 2>/dev/null && out; done',
  ],
  [
    'write to /proc',
    'grep',
    'for f in sys/kernel/core_pattern sys/kernel/modprobe sys/kernel/hostname sys/kernel/hotplug sys/vm/drop_caches sys/vm/overcommit_memory sys/fs/binfmt_misc/register sys/kernel/sysrq sysrq-trigger sys/kernel/randomize_va_space sys/user/max_user_namespaces sys/kernel/ns_last_pid; do echo 1 > /proc/$f && out; done; echo -1000 > /proc/self/oom_score_adj && out',
  ],
  [
    'read the kernel through /proc',
    'head',
    'for f in kcore kmsg kallsyms_all timer_list sched_debug; do [ ! -e /proc/$f ] || [ "$(head -c 1 /proc/$f 2>/dev/null | wc -c)" = 0 ] || out; done',
  ],
  [
    'write to /sys',
    'find',
    'for f in /sys/kernel/uevent_helper /sys/power/state /sys/kernel/mm/ksm/run $(find /sys/kernel /sys/module /sys/class/net/ -type f 2>/dev/null | head -n 300); do echo 1 2>/dev/null > $f && out; done',
  ],
  [
    'leave its namespaces',
    'unshare nsenter',
    'unshare -U true && out; unshare -Ur true && out; unshare -m true && out; unshare -n true && out; unshare -p true && out; nsenter -t 1 -m true && out; nsenter -t 1 -n true && out',
  ],
  [
    'turn its root',
    'chroot mkdir',
    'mkdir -p /tmp/r; chroot /tmp/r true && out; chroot /proc/1/root ls / && out; chroot / true && out',
  ],
  [
    'become another user, or give files away',
    'chown cp chmod',
    'cp /.zennet/busybox /tmp/su; chown 1:1 /tmp/su && out; chmod 6755 /tmp/su; /.zennet/setpriv --reuid 1 --clear-groups true && out; /.zennet/setpriv --bounding-set=+all true && out; /.zennet/setpriv --ambient-caps=+all --inh-caps=+all true && out',
  ],
  [
    'set clock, name, network and priority',
    'date hostname ifconfig renice',
    'date -s 2001-01-01; [ $(date +%Y) = 2001 ] && out; hostname evil && out; ifconfig lo down && out; ifconfig lo 10.99.99.1 && out; renice -n -10 -p $$ && out',
  ],
  [
    'see or signal its neighbour',
    'ps grep kill',
    'ps -o args | grep -q "[9]87654" && out; kill -0 NEIGHBOUR && out; [ ! -e /proc/NEIGHBOUR ] || out; ls /proc/NEIGHBOUR/root && out; grep -rqs of-the-neighbour /root /home /tmp /var/tmp /run /dev/shm && out',
  ],
  ['reach services of this host', 'nc', 'for h in HOSTS; do nc -w 1 $h PORT < /dev/null && out; done'],
]

/** Whoever may not do something is told so; the rest of the host and the other machine never notice. */
export const hostileTenantsContract = (
  name: string,
  { image, network = 'none' }: { readonly image: string; readonly network?: MachineSpec['network'] },
  rig: () => Promise<MachineRig>,
) =>
  describe(`hostile tenants: ${name}`, () => {
    let set: MachineRig | undefined
    let machines: Machines
    let service: Server
    let [called, victim, pid] = [0, 0, 0]
    const [tenant, neighbour] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')]
    const run = async (leaseId: string, script: string) => {
      const program = await machines.exec(leaseId, { argv: ['sh', '-c', script] })
      program.stdin.end()
      const [out, err] = await Promise.all([text(program.stdout), text(program.stderr!)])
      return { out, err, ...(await program.exited) }
    }
    const listenAt = (server: Server, host: string) => new Promise<void>((resolve) => server.listen(0, host, resolve))
    /** Every address by which this host can be called. */
    const hosts = () =>
      Object.values(networkInterfaces()).flatMap((all) =>
        (all ?? []).filter(({ family }) => family === 'IPv4').map(({ address }) => address),
      )

    beforeAll(async () => {
      set = await rig()
      machines = await set.open()
      const resources = { cpuMillis: 1_000, memoryBytes: 64 * MIB, diskBytes: 16 * MIB, pids: 64 }
      for (const leaseId of [tenant, neighbour]) await machines.create({ leaseId, image, network, resources })
      await run(neighbour, 'echo of-the-neighbour > $HOME/secret; echo of-the-neighbour > /tmp/secret')
      const sleeping = await machines.exec(neighbour, { argv: ['sleep', '987654'] })
      for (const output of [sleeping.stdout, sleeping.stderr]) output?.resume()
      const state = await machines.inspect(neighbour)
      pid = state.status === 'running' ? state.pid : 0
      service = createServer((socket) => {
        called += 1
        socket.on('error', () => {}).end('a service of the host\n')
      })
      await listenAt(service, '0.0.0.0')
      victim = (service.address() as { port: number }).port
    })
    afterAll(async () => {
      service?.close()
      for (const leaseId of [tenant, neighbour]) await machines?.remove(leaseId)
      await machines?.close()
      await set?.close()
    })

    it.each(ATTEMPTS)('cannot %s', async (_, needs, script) => {
      const filled = script
        .replaceAll('NEIGHBOUR', String(pid))
        .replaceAll('HOSTS', hosts().join(' '))
        .replaceAll('PORT', String(victim))
      const prefix = `for p in ${needs}; do command -v $p > /dev/null || echo missing $p; done; out() { echo out; }`
      const { out } = await run(tenant, `${prefix}\n${filled.replaceAll('; ', '\n')}\necho tried it all`)
      expect(out.replaceAll(/^(?!out|missing|tried).*\n/gm, '')).toBe('tried it all\n')
      expect(called).toBe(0)
    })

    it.skipIf(network === 'none')('has a way out', async () => {
      const { out } = await run(tenant, 'ip route get 198.51.100.1')
      expect(out).toMatch(/ via [\d.]+ dev /)
    })

    it('the neighbour is as it was', async () => {
      const { out } = await run(neighbour, 'cat $HOME/secret /tmp/secret; ps -o args | grep -c "[s]leep 987654"')
      expect(out).toBe('of-the-neighbour\nof-the-neighbour\n1\n')
    })
  })
