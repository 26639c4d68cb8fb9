import { networkInterfaces } from 'node:os'
import { Fault } from '../../domain/fault.ts'
import { findProgram, runProgram } from './host-program.ts'

/** Where the host, its neighbours and other machines are: private and link-local addresses. Source: RFC 1918, 3927, 6598. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '100.64.0.0/10']

const DEFAULT_ROUTE = /^default via (\S+) dev (\S+)/m
const NAME_SERVER = /^nameserver\s+(\d+\.\d+\.\d+\.\d+)\s*$/gm

/** IPv4 addresses of this host, whatever they are on; a cloud's host has public ones. */
const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).filter(({ family }) => family === 'IPv4').map(({ address }) => address),
  )

/** Name servers that a container was given, other than this host itself. */
const nameServers = (resolvConf: string, own: readonly string[]): string[] =>
  [...resolvConf.matchAll(NAME_SERVER)].map(([, address]) => address!).filter((address) => !own.includes(address))

/**
 * Leaves a machine with a network nothing but the way out: routes of its own network namespace forbid this host's addresses and all
 * private ones, but for name servers. On Docker's bridge every service of the host can be reached otherwise, and every other machine.
 * Nobody inside may change routes.
 *
 * @param pid a process in the machine, by this host's numbers
 * @throws Fault `machine.refused` when it cannot be done: without it there is no network
 */
export const shutOffHost = async (pid: number, resolvConf: string): Promise<void> => {
  try {
    if (process.getuid?.() !== 0) throw new Error('only root may')
    if (findProgram('ip') === undefined) throw new Error('ip (iproute2) is not installed')
    const ip = (...args: string[]) => runProgram('nsenter', '-t', String(pid), '-n', '--', findProgram('ip')!, ...args)
    const [, gateway, device] = DEFAULT_ROUTE.exec(await ip('-4', 'route', 'show')) ?? []
    if (gateway === undefined || device === undefined) throw new Error('it has no default route')
    const own = ownAddresses()
    // The gateway is the next hop and no destination: its own network, other machines included, goes the way of all private ones.
    await ip('-4', 'route', 'flush', 'dev', device, 'scope', 'link')
    for (const to of ['default', ...nameServers(resolvConf, own)])
      await ip('-4', 'route', 'replace', to, 'via', gateway, 'dev', device, 'onlink')
    for (const to of [...PRIVATE, ...own.filter((address) => !address.startsWith('127.'))])
      await ip('-4', 'route', 'replace', 'prohibit', to)
    await ip('link', 'set', 'dev', device, 'addrgenmode', 'none').catch(() => {})
    await ip('-6', 'addr', 'flush', 'dev', device)
  } catch (cause) {
    throw new Fault('machine.refused', 'a machine with a network cannot be shut off from this host’s services', {
      culprit: 'provider',
      next: 'Run the provider as root with iproute2 installed, or lend machines without a network (bridge = false).',
      cause,
    })
  }
}
