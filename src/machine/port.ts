import type { Duplex, Readable, Writable } from 'node:stream'
import type { Resources } from '../../domain/resources.ts'

/** How strongly a machine is kept apart from its host; part of every offer. */
export type { Isolation } from '../../domain/resources.ts'

export type MachineSpec = {
  readonly leaseId: string
  /** An image that the adapter knows by this name. */
  readonly image: string
  readonly resources: Resources
  /** `none`: loopback only. `bridge`: the host's network through NAT, only by agreement. */
  readonly network: 'none' | 'bridge'
}

/** `absent`: never made, or removed. `exited`: its first process ended by itself (`exitCode`, `oomKilled`). */
export type MachineState =
  | { readonly status: 'running' | 'frozen'; readonly pid: number }
  | { readonly status: 'exited'; readonly exitCode: number; readonly oomKilled: boolean }
  | { readonly status: 'absent' }

export type ExecSpec = {
  /** Program and arguments; nothing is interpreted by a shell. */
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** With a terminal, stderr comes with stdout. */
  readonly tty?: { readonly columns: number; readonly rows: number; readonly term: string }
}

/** A program running in a machine. Streams respect back-pressure. */
export interface MachineProcess {
  readonly stdin: Writable
  readonly stdout: Readable
  /** Absent with a terminal. */
  readonly stderr?: Readable
  resize(columns: number, rows: number): Promise<void>
  /** Ends it and all it started: SIGHUP, then SIGKILL after a moment. Idempotent. */
  kill(): Promise<void>
  /** Resolves once it ended and its output was read (or thrown away: `resume()` or `destroy()` what you do not want). `signal` names one like "TERM". */
  readonly exited: Promise<{ readonly code: number | undefined; readonly signal?: string }>
}

/** A socket as the machine sees it: what its network reaches, names resolved inside; or the absolute path of a unix socket. */
export type MachineAddress = { readonly host: string; readonly port: number } | { readonly path: string }

/** Something that listens inside a machine. */
export type MachineListener = {
  /** The one that was chosen, for TCP. */
  readonly port?: number
  /** Resolves when it stopped: closed, or its machine is gone. */
  readonly closed: Promise<void>
  close(): void
}

/**
 * Machines of one provider: one per lease, with hard limits. Every call is idempotent and keyed by the lease id, so that it can be
 * repeated after a crash.
 *
 * Faults: `machine.no-image` (the image is not there or cannot be fetched), `machine.exited-at-once`, `machine.gone` (there is none, or
 * it has ended), `machine.frozen` (nothing can be started in it now), `machine.no-room`, `machine.no-network` (this driver cannot give what was agreed),
 * `machine.no-forward` (this driver, or this host, cannot open sockets inside), `machine.unreachable` (nobody answers inside),
 * `machine.refused` (the driver said no), `machine.unavailable` (Docker does not answer, user namespaces are forbidden).
 */
export interface Machines {
  readonly driver: 'docker' | 'namespace' | 'process'
  readonly isolation: 'container' | 'namespace' | 'none'
  /** The names of the images that can be used at once. */
  images(): Promise<string[]>
  /** Makes and starts the machine, or adopts the one that stands for this lease. */
  create(spec: MachineSpec): Promise<void>
  inspect(leaseId: string): Promise<MachineState>
  exec(leaseId: string, spec: ExecSpec): Promise<MachineProcess>
  /**
   * Connects from inside the machine, as a program of its tenant would: nothing is in reach that is not for such a program. Each
   * direction of the stream ends alone, and waits for its reader.
   */
  connect(leaseId: string, to: MachineAddress): Promise<Duplex>
  /** Listens inside the machine, for TCP on its loopback alone (port 0: any free one; the host is not looked at). */
  listen(leaseId: string, at: MachineAddress, onConnection: (stream: Duplex) => void): Promise<MachineListener>
  /** Stops all its processes without ending them; frozen machines use no CPU. Idempotent. */
  freeze(leaseId: string): Promise<void>
  thaw(leaseId: string): Promise<void>
  /**
   * Ends all programs of the tenant and leaves its data to be read: the machine runs with next to no CPU, and nothing in it can be
   * written where the lease has a disk of its own. Nothing undoes it. Idempotent.
   */
  seal(leaseId: string): Promise<void>
  /** Gives it fewer CPUs than agreed, or as many again. Where a driver holds no CPU limit, nothing changes. Idempotent. */
  shrink(leaseId: string, cpuMillis: number): Promise<void>
  /** Cumulative counters since the machine was first started. See `domain/usage.ts`. Wall time is not among them: the caller's clock counts it. */
  counters(leaseId: string): Promise<MachineCounters>
  /** Removes the machine and all its data. Idempotent. */
  remove(leaseId: string): Promise<void>
  /** Lease ids of all machines of this provider that stand now, running or not: for adoption and clean-up at start. */
  list(): Promise<string[]>
  close(): Promise<void>
}

/** What the kernel counted. `memoryBytes` is the present use, the others rise. */
export type MachineCounters = {
  readonly cpuUs: bigint
  readonly memoryBytes: bigint
  readonly diskBytes: bigint
  readonly ioReadBytes: bigint
  readonly ioWriteBytes: bigint
  readonly netRxBytes: bigint
  readonly netTxBytes: bigint
}
