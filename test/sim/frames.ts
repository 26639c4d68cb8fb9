import type { Frames } from '../../src/peer/link.ts'
import type { Life } from './life.ts'

/** Frames on their way or unread, from which on a writer is told to wait. */
const HIGH_WATER_FRAMES = 16

/** What is between the two ends of a connection. */
export type Wire = {
  /** Brings `arrive` to the other end, behind all that was sent before. */
  carry(from: WireEnd, arrive: () => void): void
  /** What becomes of a frame that is sent: itself, others, or nothing. */
  sent(from: WireEnd, frame: Uint8Array): readonly Uint8Array[]
}

/** One end of an encrypted connection, as the transport shows it: whole frames in order, until it ends or breaks. */
export class WireEnd implements Frames {
  changed = () => {}
  ended = false
  gone = false
  failure: unknown
  peer!: WireEnd
  readonly life: Life
  readonly #wire: Wire
  readonly #unread: Uint8Array[] = []
  #onTheWay = 0
  #discarding = false
  #finished = false

  constructor(life: Life, wire: Wire) {
    this.life = life
    this.#wire = wire
  }

  get full(): boolean {
    return this.#onTheWay + this.peer.#unread.length >= HIGH_WATER_FRAMES
  }

  read(): Uint8Array | undefined {
    const wasFull = this.peer.full
    const frame = this.#unread.shift()
    if (frame !== undefined && wasFull) this.#wire.carry(this, () => this.peer.#tell())
    return frame
  }

  write(frame: Uint8Array): void {
    if (this.#finished || this.gone) return
    for (const sent of this.#wire.sent(this, Uint8Array.from(frame))) {
      this.#onTheWay += 1
      this.#wire.carry(this, () => {
        this.#onTheWay -= 1
        this.peer.#arrived(sent)
      })
    }
  }

  end(): void {
    if (this.#finished) return
    this.#finished = true
    this.#wire.carry(this, () => this.peer.#heardEnd())
  }

  discard(): void {
    this.#discarding = true
    this.#unread.length = 0
  }

  destroy(): void {
    this.#finished = true
    this.discard()
    this.#wire.carry(this, () => this.peer.break(new Error('reset')))
    this.break(undefined)
  }

  /** The connection is no more, as far as this end can tell. */
  break(failure: unknown): void {
    if (this.gone) return
    this.ended = true
    this.gone = true
    this.failure ??= failure
    this.#tell()
  }

  #arrived(frame: Uint8Array): void {
    if (this.life.dead || this.ended || this.#discarding) return
    this.#unread.push(frame)
    this.#tell()
  }

  #heardEnd(): void {
    this.ended = true
    this.#tell()
  }

  #tell(): void {
    if (this.life.dead) return
    // Bytes come to a process that stands still, too; it reads them when it goes on.
    if (this.life.stalled) this.life.after(0, () => this.changed())
    else this.changed()
  }
}
