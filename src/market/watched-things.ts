import { BOND_VOUT } from '../../domain/announcement/record.ts'
import { REMEMBERED_BLOCKS } from '../../domain/chain/following.ts'
import type { OutPoint } from '../../domain/chain/transaction.ts'
import type { Side } from '../../domain/lease/facts.ts'
import type { WatchedFact } from './watched-facts.ts'
import {
  type Announced,
  type FrozenThings,
  frozenAnnounced,
  frozenWatching,
  nobodyKnew,
  thawedAnnounced,
  type Watching,
} from './watching.ts'

/**
 * What of the log still concerns this node: announcements, channels and leases that are not over. It grows with what goes on, and
 * not with what ever was: a thing that is gone leaves when no reorganisation brings it back (`REMEMBERED_BLOCKS`).
 */
export class WatchedThings {
  #height = 0
  readonly #announced = new Map<string, Announced>()
  readonly #leases = new Map<string, Watching>()
  /** Announcement's txid → expiry height, while it stands. */
  readonly standing = new Map<string, number>()
  /** Funding's txid → the lease, or the leases, whose channels it funds. */
  readonly #funded = new Map<string, string | readonly string[]>()
  /** Things that are gone, in the order in which they went. */
  #leaving: { readonly kind: 'announcement' | 'funding'; readonly id: string; readonly goneAt: number }[] = []

  /** Txid of the announcement whose bond an output is. */
  bond({ txid, vout }: OutPoint): string | undefined {
    return vout === BOND_VOUT && this.#announced.has(txid) ? txid : undefined
  }

  /** Whether this is the txid of an announcement. */
  announces(txid: string): boolean {
    return this.#announced.has(txid)
  }

  /** Announcements that expired with the block at this height. */
  expiredAt(height: number): string[] {
    return [...this.#announced].filter(([, { expiredAt }]) => expiredAt === height).map(([txid]) => txid)
  }

  /** Announcements whose bonds are spent by a transaction that waits in the mempool. */
  withdrawnBy(by: string): string[] {
    return [...this.#announced].filter(([, announced]) => announced.by === by).map(([txid]) => txid)
  }

  /** The lease whose channel an output funds. */
  funding({ txid, vout }: OutPoint): string | undefined {
    return this.fundedBy(txid).find((leaseId) => this.#leases.get(leaseId)?.vout === vout)
  }

  /** Leases whose channels a transaction funds. */
  fundedBy(txid: string): readonly string[] {
    const found = this.#funded.get(txid) ?? []
    return typeof found === 'string' ? [found] : found
  }

  /** Leases whose channels were funded and, as far as the log knows, never in a block. */
  unopened(): { readonly leaseId: string; readonly txid: string }[] {
    const found: { readonly leaseId: string; readonly txid: string }[] = []
    for (const { id, txid, opened } of this.#leases.values())
      if (txid !== undefined && !opened) found.push({ leaseId: id, txid })
    return found
  }

  /** Leases of one side on which something is left to do. */
  open(side: Side): string[] {
    const found: string[] = []
    for (const lease of this.#leases.values()) if (lease.side === side) found.push(lease.id)
    return found
  }

  /** Leases on which nothing was left to do, until a reorganisation put their money back into their channels. */
  reopened(): string[] {
    const found: string[] = []
    for (const { id, side, txid, opened, goneAt } of this.#leases.values())
      if (side === undefined && txid !== undefined && opened && goneAt === undefined) found.push(id)
    return found
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
    return this.#announced.size + this.#leases.size + this.#leaving.length
  }

  /** The chain is this high: what is buried leaves. */
  reach(height: number): void {
    this.#height = Math.max(this.#height, height)
    let buried = 0
    for (const { kind, id, goneAt } of this.#leaving) {
      if (goneAt + REMEMBERED_BLOCKS > this.#height) break
      buried += 1
      if (kind === 'announcement' && this.#announced.get(id)?.goneAt === goneAt) this.#announced.delete(id)
      const lease = kind === 'funding' ? this.#leases.get(id) : undefined
      if (lease?.goneAt === goneAt) this.#forgetFunding(lease)
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
      case 'announcement.unseen':
        this.standing.delete(id)
        this.#announced.delete(id)
        return
      case 'announcement.lost': {
        this.standing.delete(id)
        const { own, filled } = this.#announcement(id)
        this.#announced.set(id, { ...nobodyKnew(), own, filled })
        return
      }
      case 'channel.opened': {
        const lease = this.#leases.get(id)
        if (lease) lease.opened = true
        return
      }
      case 'announcement.withdrawn':
        this.standing.delete(id)
        this.#announcement(id).by = fact.height === undefined ? fact.by : undefined
        this.#announcementGone(id)
        return
      case 'announcement.expired':
        this.standing.delete(id)
        this.#announcement(id).expiredAt = fact.height
        // The bond of an own one is money: it stays until it is spent.
        if (!this.#announcement(id).own) this.#announcementGone(id)
        return
      case 'announcement.restored':
      case 'announcement.unexpired':
        this.#announcement(id).by = undefined
        this.#announcement(id).expiredAt = undefined
        this.#stand(id)
        return
      case 'lease.sought': {
        const { side, announcement } = fact
        const lease = this.#lease(id)
        Object.assign(lease, { side, agreed: false, over: false, released: false })
        lease.announcement = side === 'publisher' ? announcement : undefined
        return
      }
      case 'lease.agreed':
        this.#change(id, 'agreed')
        return
      case 'lease.funded': {
        const announcement = this.#leases.get(id)?.announcement
        if (announcement !== undefined) this.#announced.get(announcement.slice(0, 64))?.filled.push(id)
        return
      }
      case 'lease.settled':
      case 'lease.refunded':
      case 'lease.lapsed':
      case 'lease.refused':
      case 'lease.failed':
        this.#change(id, 'over')
        return
      case 'lease.released':
        this.#change(id, 'released')
        return
      case 'channel.funded':
        this.#fund(this.#lease(id), fact.txid, fact.vout)
        return
      case 'channel.closed':
      case 'channel.refunded': {
        const lease = this.#leases.get(id)
        if (lease?.txid === undefined) return
        lease.opened = true
        lease.goneAt = this.#height
        this.#leaving.push({ kind: 'funding', id, goneAt: this.#height })
        return
      }
      case 'channel.reopened': {
        const lease = this.#leases.get(id)
        if (lease) lease.goneAt = undefined
        return
      }
    }
  }

  /** A copy: what is folded later does not change it. */
  freeze(): FrozenThings {
    const announced = [...this.#announced].map(frozenAnnounced)
    const leases = [...this.#leases.values()].map(frozenWatching)
    return { height: this.#height, announced, leases }
  }

  /** @throws TypeError when it is something else */
  static thaw({ height, announced, leases }: FrozenThings): WatchedThings {
    const things = new WatchedThings()
    for (const [txid, one] of announced.map(thawedAnnounced)) {
      const { stands, expiryHeight, goneAt } = one
      things.#announced.set(txid, one)
      if (stands) things.standing.set(txid, expiryHeight)
      if (goneAt !== undefined) things.#leaving.push({ kind: 'announcement', id: txid, goneAt })
    }
    for (const [id, side, announcement, agreed, over, released, txid, vout, opened, goneAt] of leases) {
      const lease = things.#lease(id)
      if (side !== null) Object.assign(lease, { side, announcement: announcement ?? undefined, agreed, over, released })
      if (txid !== null) things.#fund(lease, txid, vout)
      lease.opened = opened
      if (goneAt === null) continue
      lease.goneAt = goneAt
      things.#leaving.push({ kind: 'funding', id, goneAt })
    }
    things.#leaving.sort((a, b) => a.goneAt - b.goneAt)
    things.reach(height)
    return things
  }

  #announcement(txid: string): Announced {
    const known = this.#announced.get(txid)
    if (known) return known
    const made = nobodyKnew()
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

  #lease(id: string): Watching {
    const known = this.#leases.get(id)
    if (known) return known
    const nothing = { side: undefined, announcement: undefined, agreed: false, over: false, released: false }
    const made: Watching = { id, ...nothing, txid: undefined, vout: 0, opened: false, goneAt: undefined }
    this.#leases.set(id, made)
    return made
  }

  #fund(lease: Watching, txid: string, vout: number): void {
    if (lease.txid !== undefined) this.#unfund(lease.txid, lease.id)
    Object.assign(lease, { txid, vout, opened: false, goneAt: undefined })
    this.#funded.set(txid, this.#funded.has(txid) ? [...this.fundedBy(txid), lease.id] : lease.id)
  }

  #unfund(txid: string, leaseId: string): void {
    const others = this.fundedBy(txid).filter((id) => id !== leaseId)
    if (others.length > 0) this.#funded.set(txid, others)
    else this.#funded.delete(txid)
  }

  #forgetFunding(lease: Watching): void {
    if (lease.txid !== undefined) this.#unfund(lease.txid, lease.id)
    lease.txid = undefined
    lease.goneAt = undefined
    this.#dropUnwatched(lease)
  }

  /** A publisher's lease is done when it is over, a provider's also needs its machine to be gone, if there ever was one. */
  #change(id: string, what: 'agreed' | 'over' | 'released'): void {
    const lease = this.#leases.get(id)
    if (lease?.side === undefined) return
    lease[what] = true
    if (!lease.over || !(lease.side === 'publisher' || lease.released || !lease.agreed)) return
    lease.side = undefined
    lease.announcement = undefined
    this.#dropUnwatched(lease)
  }

  #dropUnwatched(lease: Watching): void {
    if (lease.side === undefined && lease.txid === undefined) this.#leases.delete(lease.id)
  }
}
