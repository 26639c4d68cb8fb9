/**
 * The part of `@hyperswarm/secret-stream` 6.9 (a streamx Duplex) that `noise.ts` uses; the package has no types of its own.
 * Each `write` is one message, and each `read` gives one.
 */
declare module '@hyperswarm/secret-stream' {
  import type { EventEmitter } from 'node:events'
  import type { Duplex } from 'node:stream'

  export default class NoiseSecretStream extends EventEmitter {
    constructor(isInitiator: boolean, rawStream: Duplex, options?: { keepAlive?: number })
    readonly handshakeHash: Uint8Array | null
    readonly opened: Promise<boolean>
    readonly destroyed: boolean
    readonly destroying: boolean
    /** Ends the stream when nothing came for `ms`. */
    setTimeout(ms: number): void
    /** @returns false when the writer should wait for `drain` */
    write(message: Uint8Array): boolean
    /** The next whole message, or null when there is none yet. */
    read(): Uint8Array | null
    end(): void
    resume(): this
    destroy(error?: Error): void
  }
}
