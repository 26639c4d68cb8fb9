import type { AnnouncementFact } from '../../domain/announcement/facts.ts'
import { BOND_VOUT } from '../../domain/announcement/record.ts'
import { REMEMBERED_BLOCKS } from '../../domain/chain/following.ts'
import type { OutPoint } from '../../domain/chain/transaction.ts'
import type { ChannelFact } from '../../domain/channel/facts.ts'
import type { LeaseFact, Side } from '../../domain/lease/facts.ts'

export const WATCHED_TYPES = [
  'announcement.posted',
  'announcement.seen',
  'announcement.confirmed',
  'announcement.withdrawn',
  'announcement.restored',
  'announcement.expired',
  'lease.sought',
  'lease.agreed',
  'lease.funded',
  'lease.settled',
  'lease.refunded',
  'lease.lapsed',
  'lease.refused',
  'lease.failed',
  'lease.released',
  'channel.funded',
  'channel.opened',
  'channel.closed',
  'channel.refunded',
  'channel.reopened',
] as const
export type WatchedFact = Extract<AnnouncementFact | LeaseFact | ChannelFact, { type: (typeof WATCHED_TYPES)[number] }>

/** `goneAt`: the height at which it was withdrawn or spent; what is gone can come back by a reorganisation. */
type Announced = {
  expiryHeight: number
  own: boolean
  stands: boolean
  goneAt: number | undefined
  /** Own leases for it that were funded. */
  filled: string[]
}
type Funding = { readonly txid: string; readonly vout: number; opened: boolean; goneAt: number | undefined }
type Open = { readonly side: Side; readonly outpoint: string; agreed: boolean; over: boolean; released: boolean }

/** As it is kept outside of memory; lists of `[key, thing]`. */
export type FrozenThings = {
  readonly height: number
  readonly announced: readonly (readonly [string, Announced])[]
  readonly fundings: readonly (readonly [string, Funding])[]
  readonly open: readonly (readonly [string, Open])[]
}

/**
 * What of the log still concerns this node: announcements, channels and leases that are not over. It grows with what goes on, and
 * not with what ever was: a thing that is gone leaves when no reorganisation brings it back (`REMEMBERED_BLOCKS`).
 */
export class WatchedThings {
  #height = 0
  readonly #announced = new Map<string, Announced>()
  readonly #fundings = new Map<string, Funding>()
  readonly #open = new Map<string, Open>()
  /** Announcement's txid → expiry height, while it stands. */
  readonly standing = new Map<string, number>()
  /** Funding's txid → lease ids. */
  readonly #funded = new Map<string, string[]>()
  /** Things that are gone, in the order in which they went. */
  #leaving: { readonly kind: 'announcement' | 'funding'; readonly id: string; readonly goneAt: number }[] = []

  /** Txid of the announcement whose bond an output is. */
  bond({ txid, vout }: OutPoint): string | undefined {
    return vout === BOND_VOUT && this.#announced.has(txid) ? txid : undefined
  }

  /** The lease whose channel an output funds. */
  funding({ txid, vout }: OutPoint): string | undefined {
    return this.fundedBy(txid).find((leaseId) => this.#fundings.get(leaseId)?.vout === vout)
  }

  /** Leases whose channels a transaction funds. */
  fundedBy(txid: string): readonly string[] {
    return this.#funded.get(txid) ?? []
  }

  /** Leases whose channels were funded and, as far as the log knows, never in a block. */
  unopened(): { readonly leaseId: string; readonly txid: string }[] {
    return [...this.#fundings].flatMap(([leaseId, { txid, opened }]) => (opened ? [] : [{ leaseId, txid }]))
  }

  /** Leases of one side on which something is left to do. */
  open(side: Side): string[] {
    return [...this.#open].filter(([, lease]) => lease.side === side).map(([leaseId]) => leaseId)
  }

  /** Own announcements that may still be open, by txid. */
  own(): string[] {
    return [...this.#announced].filter(([, { own, goneAt }]) => own && goneAt === undefined).map(([txid]) => txid)
  }

  /** Own leases of an announcement that were funded. */
  filled(txid: string): readonly string[] {
    return this.#announced.get(txid)?.filled ?? []
  }

  /** How much is watched, for those who look for growth. */
  get size(): number {
    return this.#announced.size + this.#fundings.size + this.#open.size + this.#leaving.length
  }

  /** The chain is this high: what is buried leaves. */
  reach(height: number): void {
    this.#height = Math.max(this.#height, height)
    let buried = 0
    for (const { kind, id, goneAt } of this.#leaving) {
      if (goneAt + REMEMBERED_BLOCKS > this.#height) break
      buried += 1
      if (kind === 'announcement' && this.#announced.get(id)?.goneAt === goneAt) this.#announced.delete(id)
      if (kind === 'funding' && this.#fundings.get(id)?.goneAt === goneAt) this.#forgetFunding(id)
    }
    if (buried > 0) this.#leaving = this.#leaving.slice(buried)
  }

  /** @param id of the thing whose stream the fact is in */
  fold(id: string, fact: WatchedFact): void {
    if ('height' in fact) this.reach(fact.height)
    switch (fact.type) {
      case 'announcement.posted':
        this.#announcement(id).own = true
        return
      case 'announcement.seen':
        this.#announcement(id).expiryHeight = fact.record.expiryHeight
        this.#stand(id)
        return
      case 'announcement.confirmed':
        return
      case 'channel.opened': {
        const funding = this.#fundings.get(id)
        if (funding) funding.opened = true
        return
      }
      case 'announcement.withdrawn':
        this.standing.delete(id)
        this.#announcementGone(id)
        return
      case 'announcement.expired':
        this.standing.delete(id)
        // The bond of an own one is money: it stays until it is spent.
        if (!this.#announcement(id).own) this.#announcementGone(id)
        return
      case 'announcement.restored':
        this.#stand(id)
        return
      case 'lease.sought': {
        const { side, announcement: outpoint } = fact
        this.#open.set(id, { side, outpoint, agreed: false, over: false, released: false })
        return
      }
      case 'lease.agreed':
        this.#lease(id, { agreed: true })
        return
      case 'lease.funded': {
        const lease = this.#open.get(id)
        if (lease?.side === 'publisher') this.#announced.get(lease.outpoint.slice(0, 64))?.filled.push(id)
        return
      }
      case 'lease.settled':
      case 'lease.refunded':
      case 'lease.lapsed':
      case 'lease.refused':
      case 'lease.failed':
        this.#lease(id, { over: true })
        return
      case 'lease.released':
        this.#lease(id, { released: true })
        return
      case 'channel.funded':
        this.#addFunding(id, { txid: fact.txid, vout: fact.vout, opened: false, goneAt: undefined })
        return
      case 'channel.closed':
      case 'channel.refunded': {
        const funding = this.#fundings.get(id)
        if (!funding) return
        funding.opened = true
        funding.goneAt = this.#height
        this.#leaving.push({ kind: 'funding', id, goneAt: this.#height })
        return
      }
      case 'channel.reopened': {
        const funding = this.#fundings.get(id)
        if (funding) funding.goneAt = undefined
        return
      }
    }
  }

  freeze(): FrozenThings {
    return {
      height: this.#height,
      announced: [...this.#announced],
      fundings: [...this.#fundings],
      open: [...this.#open],
    }
  }

  /** @throws TypeError when it is something else */
  static thaw({ height, announced, fundings, open }: FrozenThings): WatchedThings {
    const things = new WatchedThings()
    for (const [txid, thing] of announced) {
      things.#announced.set(txid, { ...thing, goneAt: thing.goneAt })
      if (thing.stands) things.standing.set(txid, thing.expiryHeight)
      if (thing.goneAt !== undefined) things.#leaving.push({ kind: 'announcement', id: txid, goneAt: thing.goneAt })
    }
    for (const [leaseId, funding] of fundings) {
      things.#addFunding(leaseId, { ...funding, goneAt: funding.goneAt })
      if (funding.goneAt !== undefined) things.#leaving.push({ kind: 'funding', id: leaseId, goneAt: funding.goneAt })
    }
    for (const [leaseId, lease] of open) things.#open.set(leaseId, lease)
    things.#leaving.sort((a, b) => a.goneAt - b.goneAt)
    things.reach(height)
    return things
  }

  #announcement(txid: string): Announced {
    const known = this.#announced.get(txid)
    if (known) return known
    const made = { expiryHeight: 0, own: false, stands: false, goneAt: undefined, filled: [] }
    this.#announced.set(txid, made)
    return made
  }

  #stand(txid: string): void {
    const announced = this.#announcement(txid)
    announced.stands = true
    announced.goneAt = undefined
    this.standing.set(txid, announced.expiryHeight)
  }

  #announcementGone(txid: string): void {
    const announced = this.#announced.get(txid)
    if (!announced) return
    announced.stands = false
    announced.goneAt = this.#height
    this.#leaving.push({ kind: 'announcement', id: txid, goneAt: this.#height })
  }

  #addFunding(leaseId: string, funding: Funding): void {
    this.#fundings.set(leaseId, funding)
    this.#funded.set(funding.txid, [...this.fundedBy(funding.txid).filter((id) => id !== leaseId), leaseId])
  }

  #forgetFunding(leaseId: string): void {
    const { txid } = this.#fundings.get(leaseId)!
    this.#fundings.delete(leaseId)
    const others = this.fundedBy(txid).filter((id) => id !== leaseId)
    if (others.length > 0) this.#funded.set(txid, others)
    else this.#funded.delete(txid)
  }

  /** A publisher's lease is done when it is over, a provider's also needs its machine to be gone, if there ever was one. */
  #lease(leaseId: string, change: Partial<Open>): void {
    const lease = this.#open.get(leaseId)
    if (!lease) return
    Object.assign(lease, change)
    if (lease.over && (lease.side === 'publisher' || lease.released || !lease.agreed)) this.#open.delete(leaseId)
  }
}
