import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Fault } from '../../domain/fault.ts'
import { parseAuthorizedKey } from './access.ts'
import { type GrantedLease, type ShellConnection, serveConnection } from './connection.ts'
import { failedLogins } from './failed-logins.ts'
import { parseHostKey } from './host-key.ts'
import { launcher } from './launch.ts'
import {
  AUTHORIZED_KEYS_MAX,
  GREETING_MAX_CHARS,
  LINGER_MS,
  type ShellGateway,
  type ShellGatewayOptions,
  TERMINAL_IDLE_MS,
  UNPROVEN_CONNECTIONS_MAX,
} from './port.ts'

/** Whatever stands in terms that somebody else wrote, it must not move a cursor or set a title. */
const plain = (text: string): string => text.slice(0, GREETING_MAX_CHARS).replaceAll(/[^\P{C}\n]/gu, '')

/** Leases whose traffic is still told after they were revoked, the newest. */
const REVOKED_MAX = 1_000

const listening = ({ host, port }: { host: string; port: number }, serve: (stream: Duplex) => void) =>
  new Promise<Server>((resolve, reject) => {
    const server = createServer({ noDelay: true, keepAlive: true }, serve)
    server.once('error', (cause) =>
      reject(
        new Fault('shell.port-taken', `The shell gateway cannot listen on ${host}:${port}.`, {
          culprit: 'you',
          next: 'Choose another port for it.',
          cause,
        }),
      ),
    )
    server.listen({ host, port }, () => resolve(server))
  })

/**
 * Opens the SSH server of a provider. Only keys that were granted get in, the user name chooses the lease, and each session becomes a
 * program in the lease's machine; nothing runs outside of one. Forwards lead into that machine and out of it, never to this host;
 * agents and X11 are refused.
 *
 * @throws Fault `shell.bad-host-key`, `shell.port-taken`
 */
export const openShellGateway = async (options: ShellGatewayOptions): Promise<ShellGateway> => {
  const hostKey = parseHostKey(options.hostKey)
  const launch = launcher(options.toolbox)
  const users = new Map<string, GrantedLease>()
  const leases = new Map<string, { readonly user: string; readonly lease: GrantedLease }>()
  const revoked = new Map<string, GrantedLease>()
  const streams = new Map<Duplex, ShellConnection>()
  const terminalIdleMs = options.terminalIdleMs ?? TERMINAL_IDLE_MS
  const logins = options.logins === undefined ? {} : { logins: options.logins }
  let unproven = 0
  let closing = false

  const failures = failedLogins(() => performance.now())
  const serve = (stream: Duplex) => {
    const address = (stream as Partial<Socket>).remoteAddress
    if (address !== undefined && failures.isTooMany(address)) {
      // As a server may speak before its version; clients show it with -v. Source: RFC 4253 section 4.2.
      stream.on('error', () => {}).end('zennet: too many failed logins from your address; try again in a minute\r\n')
      setTimeout(() => stream.destroy(), LINGER_MS).unref()
      return
    }
    if (closing || unproven >= UNPROVEN_CONNECTIONS_MAX || stream.destroyed) {
      stream.on('error', () => {}).destroy()
      return
    }
    unproven += 1
    let counted = true
    const settle = () => {
      if (counted) unproven -= 1
      counted = false
    }
    stream.once('close', () => {
      settle()
      streams.delete(stream)
    })
    const lease = (user: string) => users.get(user)
    const onFailed = () => address !== undefined && failures.failed(address)
    const { machines } = options
    streams.set(
      stream,
      serveConnection(stream, {
        hostKey: hostKey.privateKey,
        machines,
        launch,
        lease,
        onProven: settle,
        onFailed,
        terminalIdleMs,
        ...logins,
      }),
    )
  }

  const server = options.listen && (await listening(options.listen, serve))
  const address = server?.address()

  return {
    hostKey: hostKey.publicKey,
    hostKeyFingerprint: hostKey.fingerprint,
    port: typeof address === 'object' && address !== null ? address.port : undefined,
    grant: ({ leaseId, user, authorizedKeys, greeting = '', readOnly }) => {
      if (authorizedKeys.length > AUTHORIZED_KEYS_MAX)
        throw new Fault('shell.bad-key', `More than ${AUTHORIZED_KEYS_MAX} SSH keys.`, { culprit: 'publisher' })
      const keys = authorizedKeys.map(parseAuthorizedKey)
      const taken = users.get(user)
      if (taken !== undefined && taken.leaseId !== leaseId)
        throw new Fault('shell.user-taken', `The user name ${user} belongs to another lease.`, { culprit: 'provider' })
      const before = leases.get(leaseId)
      if (before !== undefined) users.delete(before.user)
      const { rxBytes = 0n, txBytes = 0n } = revoked.get(leaseId) ?? {}
      const none = { rxBytes, txBytes, sessions: 0, forwards: 0, listeners: 0, greeting: '', readOnly }
      const lease = before?.lease ?? { ...none, leaseId, keys, connections: new Set() }
      lease.keys = keys
      lease.greeting = plain(greeting)
      lease.readOnly = readOnly === undefined ? undefined : plain(readOnly)
      revoked.delete(leaseId)
      users.set(user, lease)
      leases.set(leaseId, { user, lease })
      // Who came in with a key that is no longer granted must leave.
      for (const connection of lease.connections) {
        const id = connection.keyId()
        if (!keys.some((key) => id !== undefined && key.id.equals(id)))
          void connection.end('this key was withdrawn.', 'revoked')
      }
    },
    revoke: (leaseId) => {
      const found = leases.get(leaseId)
      if (found === undefined) return
      leases.delete(leaseId)
      users.delete(found.user)
      revoked.set(leaseId, found.lease)
      for (const oldest of [...revoked.keys()].slice(0, Math.max(0, revoked.size - REVOKED_MAX))) revoked.delete(oldest)
      for (const connection of found.lease.connections) void connection.end('this lease has ended.', 'revoked')
      options.logins?.ended(leaseId)
    },
    traffic: (leaseId) => {
      const { rxBytes = 0n, txBytes = 0n } = leases.get(leaseId)?.lease ?? revoked.get(leaseId) ?? {}
      return { rxBytes, txBytes }
    },
    serve,
    close: async () => {
      closing = true
      const stopped = server && new Promise<void>((resolve) => server.close(() => resolve()))
      await Promise.all(
        [...streams].map(([stream, connection]) =>
          connection.end(undefined, 'node-stopped').then(() => stream.destroy()),
        ),
      )
      await stopped
    },
  }
}
