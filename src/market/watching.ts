import type { Side } from '../../domain/lease/facts.ts'

/**
 * `goneAt`: the height at which it was withdrawn or spent; what is gone can come back by a reorganisation. `expiredAt`: of the block
 * with which it expired. `by`: the spend of its bond, while that waits in the mempool.
 */
export type Announced = {
  expiryHeight: number
  own: boolean
  stands: boolean
  goneAt: number | undefined
  expiredAt: number | undefined
  by: string | undefined
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

type FrozenAnnounced = readonly [
  txid: string,
  number,
  boolean,
  boolean,
  number | null,
  number | null,
  string | null,
  readonly string[],
]

/** As they are kept outside of memory: the fields of each in a list, null for undefined. Names would be most of the text. */
export type FrozenThings = {
  readonly height: number
  readonly announced: readonly FrozenAnnounced[]
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

export const nobodyKnew = (): Announced => ({
  expiryHeight: 0,
  own: false,
  stands: false,
  goneAt: undefined,
  expiredAt: undefined,
  by: undefined,
  filled: [],
})

export const frozenAnnounced = ([txid, it]: readonly [string, Announced]): FrozenAnnounced => [
  txid,
  it.expiryHeight,
  it.own,
  it.stands,
  it.goneAt ?? null,
  it.expiredAt ?? null,
  it.by ?? null,
  [...it.filled],
]

export const thawedAnnounced = ([txid, expiryHeight, own, stands, goneAt, expiredAt, by, filled]: FrozenAnnounced): [
  string,
  Announced,
] => [
  txid,
  {
    expiryHeight,
    own,
    stands,
    goneAt: goneAt ?? undefined,
    expiredAt: expiredAt ?? undefined,
    by: by ?? undefined,
    filled: [...filled],
  },
]

export const frozenWatching = (watching: Watching): FrozenThings['leases'][number] => {
  const { id, side, announcement, agreed, over, released, txid, vout, opened, goneAt } = watching
  return [id, side ?? null, announcement ?? null, agreed, over, released, txid ?? null, vout, opened, goneAt ?? null]
}
