import type { AnnouncementFact } from '../../domain/announcement/facts.ts'
import { BOND_VOUT } from '../../domain/announcement/record.ts'
import type { ChannelFact } from '../../domain/channel/facts.ts'
import type { Journal, Position, Recorded } from '../journal/port.ts'

const TYPES = [
  'announcement.seen',
  'announcement.withdrawn',
  'announcement.restored',
  'announcement.expired',
  'channel.funded',
  'channel.closed',
  'channel.refunded',
  'channel.reopened',
] as const
type WatchedFact = Extract<AnnouncementFact | ChannelFact, { type: (typeof TYPES)[number] }>

const BATCH = 1_000

/** Which outputs and heights on the chain matter to this node: folded from its log, never ahead of it. */
export class Watched {
  readonly #journal: Journal
  #position: Position = 0
  readonly #expiries = new Map<string, number>()
  /** Bond `txid:vout` → announcement's txid. */
  readonly bonds = new Map<string, string>()
  /** Announcement's txid → expiry height, while it stands. */
  readonly standing = new Map<string, number>()
  /** Funding `txid:vout` → lease id. */
  readonly fundings = new Map<string, string>()

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** Reads what was appended since the last time. */
  async catchUp(): Promise<void> {
    for (;;) {
      const facts = await this.#journal.readAll(this.#position, { types: TYPES }, BATCH)
      for (const recorded of facts) this.#fold(recorded as Recorded<WatchedFact>)
      // A page may be short because its facts are large: only an empty one is the end.
      if (facts.length === 0) return
    }
  }

  #fold({ position, stream, fact }: Recorded<WatchedFact>): void {
    this.#position = position
    const id = stream.slice(stream.indexOf('-') + 1)
    switch (fact.type) {
      case 'announcement.seen':
        this.bonds.set(`${fact.txid}:${BOND_VOUT}`, fact.txid)
        this.#expiries.set(fact.txid, fact.record.expiryHeight)
        this.standing.set(fact.txid, fact.record.expiryHeight)
        return
      case 'announcement.withdrawn':
      case 'announcement.expired':
        this.standing.delete(id)
        return
      case 'announcement.restored':
        this.standing.set(id, this.#expiries.get(id) ?? 0)
        return
      case 'channel.funded':
        this.fundings.set(`${fact.txid}:${fact.vout}`, id)
        return
      case 'channel.closed':
      case 'channel.refunded':
      case 'channel.reopened':
        return
    }
  }
}
