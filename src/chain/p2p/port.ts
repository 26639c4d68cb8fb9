/** An IP address or a name, and a port. */
export type HostPort = { readonly host: string; readonly port: number }

/** A stream of bytes to another node. What it brings is trusted in nothing. */
export interface Wire {
  readonly remote: HostPort
  /** This end, as the network knows it. */
  readonly local: HostPort
  /** Bytes that wait to be sent. */
  readonly queuedBytes: number
  /** What comes, in order; nothing is read ahead of whoever iterates. Ends, without a throw, when either side closes. */
  chunks(): AsyncIterable<Uint8Array>
  /** Queues bytes; whoever sends much waits for `drained` in between. Nothing happens on a closed wire. */
  write(bytes: Uint8Array): void
  /** Resolves when little is queued, or when the wire is closed. */
  drained(): Promise<void>
  /** Closes at once, whatever is queued. */
  close(): void
}

export interface Listener {
  readonly at: HostPort
  close(): Promise<void>
}

/** How nodes reach each other. */
export interface Transport {
  /** @throws Fault `chain.peer-unreachable` */
  dial(to: HostPort, signal: AbortSignal): Promise<Wire>
  /**
   * @param at port 0 takes any free one
   * @throws Fault `chain.peer-port-taken`
   */
  listen(at: HostPort, onWire: (wire: Wire) => void): Promise<Listener>
}

/** `192.0.2.1:28555`, `[2001:db8::1]:28555`. */
export const hostPortText = ({ host, port }: HostPort): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
