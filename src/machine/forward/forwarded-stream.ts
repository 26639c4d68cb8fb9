import { Duplex } from 'node:stream'
import { PAYLOAD_MAX_BYTES, WINDOW_BYTES } from './frames.ts'

/** What a stream says to the helper. */
export type StreamWire = {
  data(bytes: Uint8Array, sent: () => void): void
  end(): void
  close(): void
  more(bytes: number): void
}

/** Given back when this much was read: not for each small piece. */
const GIVE_BACK_BYTES = WINDOW_BYTES / 4

/** One connection in a machine. Each direction ends alone; each waits for its reader. */
export class ForwardedStream extends Duplex {
  readonly #wire: StreamWire
  #mayReceive = WINDOW_BYTES
  #taken = 0
  #maySend = WINDOW_BYTES
  #waiting: { bytes: Buffer; done: () => void } | undefined
  #helperClosed = false

  constructor(wire: StreamWire) {
    super({
      allowHalfOpen: true,
      // When both directions have ended here, the helper may still hold what it has to write: it says when it is done.
      autoDestroy: false,
      readableHighWaterMark: WINDOW_BYTES / 2,
      writableHighWaterMark: PAYLOAD_MAX_BYTES,
    })
    this.#wire = wire
    this.on('error', () => {})
  }

  /** @throws when it is more than the helper was allowed to send */
  received(bytes: Buffer): void {
    this.#mayReceive -= bytes.length
    if (this.#mayReceive < 0) throw new Error('data past the window')
    this.#taken += bytes.length
    if (this.push(bytes)) this.#giveBack()
  }

  receivedEnd(): void {
    this.push(null)
  }

  receivedMore(bytes: number): void {
    this.#maySend = Math.min(this.#maySend + bytes, WINDOW_BYTES)
    this.#send()
  }

  /** What came before is still to be read; what is still written goes nowhere. */
  receivedClose(): void {
    this.#helperClosed = true
    this.#drop()
    if (this.readableEnded) return void this.destroy()
    this.push(null)
    this.once('end', () => this.destroy())
  }

  // It is asked for before what was read is taken out: `readableLength` says nothing here.
  override _read(): void {
    this.#giveBack()
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    if (this.#helperClosed) done()
    else {
      this.#waiting = { bytes, done }
      this.#send()
    }
  }

  override _final(done: () => void): void {
    this.#wire.end()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#helperClosed) this.#wire.close()
    this.#drop()
    done(error)
  }

  #drop(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.done()
  }

  #giveBack(): void {
    if (this.#taken < GIVE_BACK_BYTES) return
    this.#mayReceive += this.#taken
    this.#wire.more(this.#taken)
    this.#taken = 0
  }

  #send(): void {
    while (this.#waiting !== undefined && this.#maySend > 0) {
      const { bytes, done } = this.#waiting
      const piece = bytes.subarray(0, Math.min(bytes.length, this.#maySend, PAYLOAD_MAX_BYTES))
      this.#maySend -= piece.length
      const last = piece.length === bytes.length
      this.#waiting = last ? undefined : { bytes: bytes.subarray(piece.length), done }
      this.#wire.data(piece, last ? done : () => {})
    }
  }
}
