import type { Side } from '../../domain/lease/facts.ts'

/** `goneAt`: the height at which it was withdrawn or spent; what is gone can come back by a reorganisation. */
export type Announced = {
  expiryHeight: number
  own: boolean
  stands: boolean
  goneAt: number | undefined
  /** Own leases for it that were funded. */
  filled: string[]
}
/** A lease and its channel in one object, and no text twice: there may be a hundred thousand of them. */
export type Watching = {
  readonly id: string
  /** Undefined when nothing is left to do on the lease; `announcement`, `agreed`, `over` and `released` mean nothing then. */
  side: Side | undefined
  /** Outpoint of the announcement whose place a publisher's lease will fill. */
  announcement: string | undefined
  agreed: boolean
  over: boolean
  released: boolean
  /** Of the channel's funding; undefined without one. `goneAt`: the height at which it was spent. */
  txid: string | undefined
  vout: number
  /** It was in a block once, as far as the log knows. */
  opened: boolean
  goneAt: number | undefined
}

/** As they are kept outside of memory: the fields of each in a list, null for undefined. Names would be most of the text. */
export type FrozenThings = {
  readonly height: number
  readonly announced: readonly (readonly [txid: string, number, boolean, boolean, number | null, readonly string[]])[]
  readonly leases: readonly (readonly [
    id: string,
    Side | null,
    string | null,
    boolean,
    boolean,
    boolean,
    string | null,
    number,
    boolean,
    number | null,
  ])[]
}
