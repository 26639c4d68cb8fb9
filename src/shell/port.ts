import type { Duplex } from 'node:stream'
import type { Machines } from '../machine/port.ts'

/** Who may log in to which machine. Changes with leases; the gateway asks at each authentication. */
export type ShellGrant = {
  readonly leaseId: string
  /** The user name that chooses the machine: `lease-` and the lease id's first 12 hex digits. */
  readonly user: string
  /** OpenSSH public keys (`ssh-ed25519 AAAA…`), exactly those in the terms. */
  readonly authorizedKeys: readonly string[]
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

export type ShellGatewayOptions = {
  readonly machines: Pick<Machines, 'exec' | 'inspect'>
  /** PEM or OpenSSH private key, ed25519. */
  readonly hostKey: string
  /** Loopback unless said otherwise; absent: tunnels only. */
  readonly listen?: { readonly host: string; readonly port: number }
}
