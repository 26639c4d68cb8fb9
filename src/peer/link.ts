import { Duplex } from 'node:stream'
import { decodeMessage, encodeMessage } from './message.ts'
import {
  CLOSE_TIMEOUT_MS,
  type Link,
  MAX_MESSAGE_BYTES,
  peerClosed,
  peerTimeout,
  RECEIVE_TIMEOUT_MS,
  type ReceiveOptions,
  SEND_TIMEOUT_MS,
  type Timer,
} from './port.ts'

/** What an adapter gives: frames both ways, kept whole and in order. It calls `changed` whenever one of the answers may differ. */
export interface Frames {
  changed: () => void
  /** The next frame that is here, or undefined. */
  read(): Uint8Array | undefined
  write(frame: Uint8Array): void
  /** Enough was written for now: the writer should wait. */
  readonly full: boolean
  /** The other end has ended, or the connection broke: nothing comes after what `read` still gives. */
  readonly ended: boolean
  /** Nothing can be written any more either. */
  readonly gone: boolean
  readonly failure: unknown
  /** No more will be written; what was, is delivered. */
  end(): void
  /** Drops what arrives from now on. */
  discard(): void
  destroy(): void
}

/** `timer`: absent, the system's. */
type Ends = Pick<Link, 'handshake' | 'initiator' | 'remote'> & { readonly timer?: Timer }

const systemTimer: Timer = (ms, late) => {
  const timer = setTimeout(late, ms)
  return () => clearTimeout(timer)
}

/** The rules of `Link` over any kind of frames. */
export const linkOver = (frames: Frames, ends: Ends): Link => new FramedLink(frames, ends)

class FramedLink implements Link {
  readonly handshake: Uint8Array
  readonly initiator: boolean
  readonly remote: string
  readonly closed: Promise<void>
  readonly #frames: Frames
  readonly #timer: Timer
  readonly #waiting = new Set<() => void>()
  #mode: 'messages' | 'raw' | 'closed' = 'messages'
  #receiving = false
  #sent: Promise<void> = Promise.resolve()

  constructor(frames: Frames, ends: Ends) {
    this.handshake = ends.handshake
    this.initiator = ends.initiator
    this.remote = ends.remote
    this.#frames = frames
    this.#timer = ends.timer ?? systemTimer
    frames.changed = () => this.#wake()
    this.closed = this.#until(() => this.#over).then(() => {
      // A peer that has ended hears no answer, so a message link ends both ways at once and leaves no half-open socket behind.
      if (this.#mode === 'messages') frames.end()
    })
  }

  get #over(): boolean {
    return this.#mode === 'closed' || this.#frames.ended
  }

  /** A tunnel may be half closed, like the sockets that it joins; a peer that ended its messages hears none. */
  get #unheard(): boolean {
    return this.#frames.gone || (this.#mode === 'messages' && this.#frames.ended)
  }

  async send(message: unknown): Promise<void> {
    const bytes = encodeMessage(message)
    this.#mustBeMessages()
    await this.#write(bytes, SEND_TIMEOUT_MS)
  }

  async receive({ timeoutMs = RECEIVE_TIMEOUT_MS, signal }: ReceiveOptions = {}): Promise<unknown> {
    this.#mustBeMessages()
    if (this.#receiving) throw new Error('peer: one receive at a time')
    this.#receiving = true
    try {
      let frame: Uint8Array | undefined
      const arrived = () => {
        if (this.#mode === 'closed') return true
        frame = this.#frames.read()
        return frame !== undefined || this.#frames.ended
      }
      if (!(await this.#until(arrived, timeoutMs, signal))) throw peerTimeout(this.remote, 'answer', timeoutMs)
      if (frame === undefined) throw peerClosed(this.remote, this.#frames.failure)
      try {
        return decodeMessage(frame)
      } catch (fault) {
        this.close()
        throw fault
      }
    } finally {
      this.#receiving = false
    }
  }

  toDuplex(): Duplex {
    this.#mustBeMessages()
    if (this.#receiving) throw new Error('peer: toDuplex while a receive waits')
    this.#mode = 'raw'
    const frames = this.#frames
    let reading = false
    let finished = false
    const pump = async () => {
      if (reading) return
      reading = true
      for (let more = true; more; ) {
        let frame: Uint8Array | undefined
        await this.#until(() => {
          frame = frames.read()
          return frame !== undefined || this.#over
        })
        more = frame === undefined ? duplex.push(null) : duplex.push(frame)
      }
      reading = false
    }
    const duplex = new Duplex({
      // As with a socket that is joined to it: one direction may end before the other.
      allowHalfOpen: true,
      read: () => void pump(),
      write: (chunk: Uint8Array, _encoding, done) => void this.#writeAll(chunk).then(() => done(), done),
      final: (done) => {
        finished = true
        frames.end()
        done()
      },
      destroy: (error, done) => {
        if (error) frames.destroy()
        this.close()
        done(error)
      },
    })
    // A cut connection is nothing to end the process for, when nobody listens.
    duplex.on('error', () => {})
    void this.#until(() => frames.gone).then(() => {
      if (finished && frames.failure === undefined) return
      duplex.destroy(this.#mode === 'closed' ? undefined : peerClosed(this.remote, frames.failure))
    })
    return duplex
  }

  close(): void {
    if (this.#mode === 'closed') return
    this.#mode = 'closed'
    this.#wake()
    const inTime = this.#timer(CLOSE_TIMEOUT_MS, () => this.#frames.destroy())
    void this.#sent
      .then(() => {
        // Reading on for a moment: a socket that is closed with unread bytes drops what it still has to send.
        this.#frames.end()
        this.#frames.discard()
        return this.#until(() => this.#frames.ended)
      })
      .then(inTime)
  }

  #mustBeMessages(): void {
    if (this.#mode === 'raw') throw new Error('peer: this link carries raw bytes now')
    if (this.#mode === 'closed') throw peerClosed(this.remote, this.#frames.failure)
  }

  async #writeAll(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; at += MAX_MESSAGE_BYTES) {
      await this.#write(chunk.subarray(at, at + MAX_MESSAGE_BYTES))
    }
  }

  #write(frame: Uint8Array, timeoutMs?: number): Promise<void> {
    const written = this.#sent.then(async () => {
      const room = await this.#until(() => !this.#frames.full || this.#unheard, timeoutMs)
      if (!room) {
        this.#frames.destroy()
        this.close()
        throw peerTimeout(this.remote, 'read', timeoutMs ?? 0)
      }
      if (this.#unheard) throw peerClosed(this.remote, this.#frames.failure)
      this.#frames.write(frame)
    })
    this.#sent = written.catch(() => {})
    return written
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look()
  }

  /** @returns whether `done` became true in time */
  #until(done: () => boolean, timeoutMs?: number, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let settled = false
      const settle = (finish: () => void) => {
        settled = true
        inTime?.()
        signal?.removeEventListener('abort', aborted)
        this.#waiting.delete(look)
        finish()
      }
      const look = () => {
        if (!settled && done()) settle(() => resolve(true))
      }
      const aborted = () => settle(() => reject(signal?.reason))
      const inTime = timeoutMs === undefined ? undefined : this.#timer(timeoutMs, () => settle(() => resolve(false)))
      if (signal?.aborted) return aborted()
      signal?.addEventListener('abort', aborted)
      this.#waiting.add(look)
      look()
    })
  }
}
