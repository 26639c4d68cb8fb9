import type { Duplex } from 'node:stream'
import ssh2, { type AuthContext, type Connection, type Session } from 'ssh2'
import type { LoginEnd } from '../../domain/login/facts.ts'
import type { Machines } from '../machine/port.ts'
import { type AuthorizedKey, checkKey } from './access.ts'
import { type Forwards, type ListenAt, openForwards, type Refusal, readOnlyRefusal } from './forward.ts'
import type { launcher } from './launch.ts'
import { type OpenLogin, openLogin } from './login.ts'
import {
  AUTH_ATTEMPTS_MAX,
  CONNECTIONS_PER_LEASE_MAX,
  HANDSHAKE_LIMIT_MS,
  IDLE_LIMIT_MS,
  KEEPALIVE_MS,
  KEEPALIVES_MISSED_MAX,
  LINGER_MS,
  type LoginBook,
  SESSIONS_PER_CONNECTION_MAX,
  SESSIONS_PER_LEASE_MAX,
} from './port.ts'
import { allowPostQuantum, answerPostQuantum, hasPostQuantum, POST_QUANTUM_KEX } from './post-quantum.ts'
import { type ShellSession, serveSession } from './session.ts'

/** A lease that may be logged in to, with what its connections share. */
export type GrantedLease = {
  readonly leaseId: string
  keys: readonly AuthorizedKey[]
  greeting: string
  readOnly: string | undefined
  readonly connections: Set<ShellConnection>
  sessions: number
  forwards: number
  listeners: number
  rxBytes: bigint
  txBytes: bigint
}

export type ConnectionHost = {
  readonly hostKey: string
  readonly machines: Pick<Machines, 'exec' | 'inspect' | 'connect' | 'listen'>
  readonly launch: ReturnType<typeof launcher>
  readonly lease: (user: string) => GrantedLease | undefined
  readonly onProven: () => void
  /** It ended, and proved no key though it tried. */
  readonly onFailed: () => void
  readonly logins?: LoginBook
  readonly terminalIdleMs: number
}

export type ShellConnection = {
  /** SHA-256 of the key that was proven. */
  keyId(): Buffer | undefined
  /** Ends all sessions, tells the client why, and closes. */
  end(message: string | undefined, why: LoginEnd): Promise<void>
}

/**
 * No compression (a few bytes could unpack into many), no SHA-1, no finite-field groups (slow for whoever serves), and no
 * chacha20-poly1305: without its native addon ssh2 runs it in WebAssembly, while AES-GCM is OpenSSL's in any case.
 */
const ALGORITHMS = {
  kex: [
    ...(hasPostQuantum() ? [POST_QUANTUM_KEX] : []),
    ...['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256'],
  ],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes256-ctr', 'aes128-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
} as const

allowPostQuantum()

type Answer = ((port?: number) => void) | undefined
type StreamLocal = { readonly socketPath: string }
type ListenData = { readonly bindAddr: string; readonly bindPort: number } | StreamLocal

/** ssh2 refuses channels without a word; this puts ours into the answer that it sends. */
const refusals = (connected: Connection) => {
  type OpenFail = (recipient: number, reason: number, words?: string) => void
  const protocol = (connected as unknown as { _protocol: { channelOpenFail: OpenFail } })._protocol
  const fail = protocol.channelOpenFail.bind(protocol)
  let why: Refusal | undefined
  protocol.channelOpenFail = (recipient, reason, words) =>
    fail(recipient, why?.reason ?? reason, why?.words ?? words ?? '')
  return (reject: () => unknown, refusal: Refusal) => {
    why = refusal
    reject()
    why = undefined
  }
}

/** Serves SSH on one stream until it closes; then nothing that it started is left running. */
export const serveConnection = (wire: Duplex, host: ConnectionHost): ShellConnection => {
  const sessions = new Set<ShellSession>()
  let client: Connection | undefined
  let forwards: Forwards | undefined
  let lease: GrantedLease | undefined
  let keyId: Buffer | undefined
  let attempts = 0
  let asked: string | undefined
  let why: LoginEnd = 'client'
  let login: OpenLogin | undefined
  let ended = false
  let idle: NodeJS.Timeout | undefined
  let linger: NodeJS.Timeout | undefined
  const handshake = setTimeout(() => wire.destroy(), HANDSHAKE_LIMIT_MS)

  const end = async (message?: string, because: LoginEnd = 'client') => {
    if (!ended) why = because
    ended = true
    const open = [...sessions]
    const all = Promise.allSettled(open.map((session) => session.end(message)))
    forwards?.end()
    linger ??= setTimeout(() => wire.destroy(), LINGER_MS)
    if (client === undefined) wire.destroy()
    // OpenSSH shows nothing of what reaches it together with the end of the connection.
    else if (message !== undefined) void Promise.all(open.map((session) => session.heard())).then(() => client?.end())
    else client.end()
    await all
  }
  const connection: ShellConnection = { keyId: () => keyId, end }

  const authenticate = (context: AuthContext) => {
    attempts += 1
    if (attempts > AUTH_ATTEMPTS_MAX) return void end()
    if (context.method !== 'publickey') return context.reject(['publickey'])
    const wanted = host.lease(context.username)
    asked ??= wanted?.leaseId
    const checked = checkKey(context, wanted?.keys ?? [])
    const full = wanted !== undefined && wanted.connections.size >= CONNECTIONS_PER_LEASE_MAX
    if (wanted === undefined || checked.verdict === 'refused' || full) return context.reject(['publickey'])
    if (checked.verdict === 'proven') {
      lease = wanted
      keyId = checked.id
      wanted.connections.add(connection)
      clearTimeout(handshake)
      host.onProven()
      login = openLogin(host.logins, wanted.leaseId, `SHA256:${checked.id.toString('base64').replace(/=+$/, '')}`, wire)
      rest()
    }
    context.accept()
  }

  const rest = () => {
    clearTimeout(idle)
    const busy = sessions.size > 0 || (forwards?.standing() ?? 0) > 0
    if (!busy && !wire.destroyed) idle = setTimeout(() => void end(undefined, 'idle'), IDLE_LIMIT_MS)
  }

  const counted = (mine: GrantedLease) => (direction: 'rx' | 'tx', bytes: number) => {
    mine[direction === 'rx' ? 'rxBytes' : 'txBytes'] += BigInt(bytes)
    login?.count(direction, bytes)
  }

  const open = (accept: () => Session, reject: () => unknown) => {
    const mine = lease
    if (
      ended ||
      mine === undefined ||
      sessions.size >= SESSIONS_PER_CONNECTION_MAX ||
      mine.sessions >= SESSIONS_PER_LEASE_MAX
    )
      return void reject()
    mine.sessions += 1
    const session: ShellSession = serveSession(accept(), {
      leaseId: mine.leaseId,
      machines: host.machines,
      launch: host.launch,
      wire,
      count: counted(mine),
      onOpened: (kind) => login?.opened(kind),
      terminalIdleMs: host.terminalIdleMs,
      greeting: mine.greeting,
      readOnly: () => mine.readOnly,
      onClosed: () => {
        if (!sessions.delete(session)) return
        mine.sessions -= 1
        rest()
      },
    })
    sessions.add(session)
    clearTimeout(idle)
  }

  const forwardsOf = (connected: Connection): Forwards | undefined => {
    const mine = lease
    if (mine === undefined || ended) return undefined
    forwards ??= openForwards({
      leaseId: mine.leaseId,
      machines: host.machines,
      wire,
      client: connected,
      count: counted(mine),
      lease: mine,
      onChange: rest,
      onOpened: (kind) => login?.opened(kind),
    })
    return forwards
  }

  // ssh2 does not say which of its clients belongs to which stream, so each stream gets a server of its own; it listens nowhere.
  const server = new ssh2.Server(
    {
      hostKeys: [host.hostKey],
      ident: 'Zennet',
      algorithms: ALGORITHMS as unknown as ssh2.Algorithms,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: KEEPALIVES_MISSED_MAX,
    },
    (connected) => {
      client = connected
      answerPostQuantum(connected, ALGORITHMS.kex)
      // A client that breaks the protocol or its connection: ssh2 then closes, and all is cleared away below.
      connected.on('error', () => {})
      connected.on('authentication', authenticate)
      connected.on('session', open)
      const refused = refusals(connected)
      connected.on('tcpip', (accept, reject, { destIP, destPort }) => {
        if (lease?.readOnly !== undefined) return void refused(reject, readOnlyRefusal(lease.readOnly))
        forwardsOf(connected)?.open({ host: destIP, port: destPort }, accept, (why) => refused(reject, why))
      })
      connected.on(
        'openssh.streamlocal' as never,
        ((accept: () => never, reject: () => void, to: StreamLocal) => {
          if (lease?.readOnly !== undefined) return refused(reject, readOnlyRefusal(lease.readOnly))
          forwardsOf(connected)?.open({ path: to.socketPath }, accept, (why) => refused(reject, why))
        }) as never,
      )
      connected.on('request', ((accept: Answer, reject: Answer, name: string, data: ListenData) => {
        const at: ListenAt =
          'socketPath' in data ? { path: data.socketPath } : { bind: data.bindAddr, port: data.bindPort }
        const mine = forwardsOf(connected)
        const [yes, no] = [accept ?? (() => {}), reject ?? (() => {})]
        if (mine === undefined || lease?.readOnly !== undefined) no()
        else if (name.startsWith('cancel-')) (mine.cancel(at) ? yes : no)()
        else mine.listen(at, yes, no)
      }) as never)
      // No listener for agents and X11: ssh2 answers "administratively prohibited".
    },
  )

  wire.setMaxListeners(0)
  wire.on('error', () => {})
  wire.once('end', () => {
    linger ??= setTimeout(() => wire.destroy(), LINGER_MS)
    wire.end()
    void Promise.allSettled([...sessions].map((session) => session.end()))
  })
  wire.once('close', () => {
    for (const timer of [handshake, idle, linger]) clearTimeout(timer)
    lease?.connections.delete(connection)
    ended = true
    forwards?.end()
    login?.close(why)
    if (login === undefined && attempts > 0) host.onFailed()
    if (login === undefined && asked !== undefined) host.logins?.refused(asked)
    void Promise.allSettled([...sessions].map((session) => session.end()))
  })
  // A bare duplex lacks what ssh2 asks of a socket.
  const socket = wire as Duplex & { setNoDelay?: unknown; remoteAddress?: unknown }
  if (typeof socket.setNoDelay !== 'function')
    Object.assign(socket, { setNoDelay: () => socket, remoteAddress: 'tunnel' })
  server.injectSocket(socket as unknown as Parameters<typeof server.injectSocket>[0])
  return connection
}
