import type { Duplex } from 'node:stream'
import type { LoginFact } from '../../domain/login/facts.ts'
import type { Machines } from '../machine/port.ts'

/** Who may log in to which machine. Changes with leases; the gateway asks at each authentication. */
export type ShellGrant = {
  readonly leaseId: string
  /** The user name that chooses the machine: `lease-` and the lease id's first 12 hex digits. */
  readonly user: string
  /** OpenSSH public keys (`ssh-ed25519 AAAA…`), exactly those in the terms. */
  readonly authorizedKeys: readonly string[]
  /** Shown where somebody opens a terminal, and nowhere else; lines of plain text, of which control characters are taken out. */
  readonly greeting?: string
  /** Nothing but reading files, by sftp, scp or `cat`; what is said to who wants more. */
  readonly readOnly?: string
}

/** Writes down who came to the machines, never what was done there. */
export interface LoginBook {
  /** @returns what `closed` has to name; undefined when there were too many to write this one down */
  opened(leaseId: string, login: { readonly key: string; readonly from: string }): string | undefined
  closed(
    leaseId: string,
    login: string,
    said: Omit<Extract<LoginFact, { type: 'login.closed' }>, 'type' | 'at' | 'login'>,
  ): void
  /** A connection that named the lease and proved no key. */
  refused(leaseId: string): void
  /** Nobody will come to this lease any more. */
  ended(leaseId: string): void
}

/** Bytes that went through a lease's shell, seen from the machine: counted by the gateway, since network `none` has no counters. */
export type ShellTraffic = { readonly rxBytes: bigint; readonly txBytes: bigint }

/** An SSH server in the provider that joins each session to the lease's machine. */
export interface ShellGateway {
  /** `SHA256:…` of the host key, as OpenSSH prints it; stable over restarts, part of the terms. */
  readonly hostKeyFingerprint: string
  /** The host's public key in OpenSSH form, for a `known_hosts` line. */
  readonly hostKey: string
  /** Port on loopback, or undefined when it only serves tunnels. */
  readonly port: number | undefined
  grant(grant: ShellGrant): void
  /** Ends the lease's sessions and lets nobody in any more. */
  revoke(leaseId: string): void
  traffic(leaseId: string): ShellTraffic
  /** Serves SSH over a stream that came through a tunnel. */
  serve(stream: Duplex): void
  close(): Promise<void>
}

/** Where a lease's shell is reached from this node, and who must answer: the host key in the terms. */
export type ShellTarget = { readonly port: number; readonly user: string; readonly hostKey: string }

/** A client of the shells of machines that this node rents, for what it reads there itself. */
export interface ShellReader {
  /** Its key for one lease, OpenSSH form: to be among those in the terms. The same after a restart. */
  publicKey(leaseId: string): string
  /**
   * Runs a command over the connection that it keeps to the lease's machine.
   * @returns what was printed, at most `READ_MAX_BYTES`
   * @throws Fault `shell.unread` when that is not whole within `READ_LIMIT_MS`
   */
  run(leaseId: string, at: ShellTarget, command: string): Promise<string>
  /** Lets go of the connection. */
  leave(leaseId: string): void
}
export const READ_LIMIT_MS = 10_000
export const READ_MAX_BYTES = 64 * 1024

export type TerminalSize = { readonly columns: number; readonly rows: number }
/** How a shell ended; neither: the connection to it broke. */
export type TerminalEnd = { readonly code?: number; readonly signal?: string }

/** One shell on a terminal of a machine. */
export type ShellTerminal = {
  /** Bytes both ways. What is not read is not sent for; it ends with the shell. */
  readonly stream: Duplex
  /** After the last byte of `stream` was read. Rejects with Fault `shell.flooded` when the gateway sends far past the window. */
  readonly ended: Promise<TerminalEnd>
  resize(size: TerminalSize): void
  /** Hangs up. */
  close(): void
}

/**
 * Opens a shell on a terminal named `term`, with a private key in OpenSSH's form.
 * @throws Fault `shell.host-key-changed`, `shell.refused` when the gateway does not take the key or opens no shell, `shell.unreachable` when
 * neither is known within `TERMINAL_OPEN_MS`
 */
export type OpenTerminal = (
  at: ShellTarget,
  privateKey: string,
  terminal: TerminalSize & { readonly term: string },
) => Promise<ShellTerminal>
export const TERMINAL_OPEN_MS = 10_000

/** SSH keys that this node makes and keeps for leases that it rents. */
export interface KeptKeys {
  /** Of an announcement: in OpenSSH's form, the same for the same salt (hex). */
  publicKey(salt: string): string
  /** The private key of a lease; undefined when none is kept that is among `authorizedKeys`. */
  of(leaseId: string, authorizedKeys: readonly string[]): Promise<string | undefined>
}

/** Where a machine keeps the programs that sessions need and its image may lack. Paths are the machine's. */
export type ShellToolbox = {
  /** Program and arguments that serve the subsystem `sftp`. */
  readonly sftpServer: readonly string[]
  /** The same for `cat`, where nothing but reading is allowed: none of the machine's own. */
  readonly cat: readonly string[]
  /** Folders (joined by `:`) that come last on a session's PATH, so that `scp` and `rsync` are found; may be empty. */
  readonly path: string
  /** A shell for images without `/bin/sh`; absent: the machine's own is relied on. */
  readonly shell?: readonly [string, ...string[]]
}

/** From connection to a proven key. */
export const HANDSHAKE_LIMIT_MS = 30_000
/** Requests to authenticate on one connection, of any method. */
export const AUTH_ATTEMPTS_MAX = 10
/** Connections that have not proven a key yet, over all. */
export const UNPROVEN_CONNECTIONS_MAX = 64
export const CONNECTIONS_PER_LEASE_MAX = 32
/** Connections that proved no key, from one address; then it is sent away before any key exchange. Tunnels have no address. */
export const FAILED_LOGINS_PER_MINUTE_MAX = 60
/** Logins of one lease that are written down one by one; more are counted. */
export const LOGINS_PER_MINUTE_MAX = 60
export const SESSIONS_PER_CONNECTION_MAX = 16
export const SESSIONS_PER_LEASE_MAX = 64
/** Connections that are forwarded at a time, either way; those that are just being made count. */
export const FORWARDS_PER_CONNECTION_MAX = 64
export const FORWARDS_PER_LEASE_MAX = 128
/** `-R`, of TCP and unix sockets together. */
export const LISTENERS_PER_LEASE_MAX = 16
/** A connection without any session and forward is ended after this. */
export const IDLE_LIMIT_MS = 10 * 60_000
/** A terminal through which nothing goes either way is forgotten: it is ended after this. Commands and copies may be silent for ever. */
export const TERMINAL_IDLE_MS = 12 * 3_600_000
export const GREETING_MAX_CHARS = 2_000
/** A client that answers no keep-alive this often is gone: 45 s. */
export const KEEPALIVE_MS = 15_000
export const KEEPALIVES_MISSED_MAX = 3
/** How long an ended connection may still take what was written to it. */
export const LINGER_MS = 2_000
/** What may wait in a connection for a client that does not read. */
export const WIRE_BUFFER_MAX_BYTES = 4 * 1024 * 1024
/** What may wait of one channel: who sends more, past the window of 2 MiB that it was given, is thrown out. */
export const FLOOD_MAX_BYTES = 4 * 1024 * 1024
/** Linux takes no longer argument (`MAX_ARG_STRLEN`). */
export const COMMAND_MAX_BYTES = 128 * 1024 - 1
export const AUTHORIZED_KEYS_MAX = 16
export const ENVIRONMENT_MAX = 32

/** Exit codes that the gateway itself gives, after sysexits(3); its message is on stderr. */
export const SHELL_EXIT = { unavailable: 69, frozen: 75, refused: 126 } as const

/** Faults of `grant`: `shell.bad-key`, `shell.user-taken`. Of opening: `shell.bad-host-key`, `shell.port-taken`. */
export type ShellGatewayOptions = {
  readonly machines: Pick<Machines, 'exec' | 'inspect' | 'connect' | 'listen'>
  readonly toolbox: ShellToolbox
  /** PEM or OpenSSH private key, ed25519. */
  readonly hostKey: string
  /** Loopback unless said otherwise; absent: tunnels only. */
  readonly listen?: { readonly host: string; readonly port: number }
  /** Absent: nothing is written down. */
  readonly logins?: LoginBook
  /** 0: never. Absent: `TERMINAL_IDLE_MS`. */
  readonly terminalIdleMs?: number
}
