import type { ChannelState } from '../../domain/channel/channel.ts'
import { channel } from '../../domain/channel/channel.ts'
import type { ChannelFact } from '../../domain/channel/facts.ts'
import { decode } from '../../domain/codec.ts'
import { legOf } from '../../domain/ids.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { type LeaseState, lease } from '../../domain/lease/lease.ts'
import type { Prepared } from '../../src/journal/prepared.ts'
import type { NodeName } from './plan.ts'

/** A lease as one node's log has it. */
export type Account = {
  readonly node: NodeName
  readonly leaseId: string
  lease: LeaseState
  /** By leg: the first one, and those of top-ups. */
  readonly channels: Map<number, ChannelState>
  /** When things were written, by the type of the fact; the first time. */
  readonly since: Map<string, number>
  /** When it was starved, while it is. */
  starvedAtUs: number | undefined
  /** Of a pause: since when, while it is in one, and for how long it was in others, by the world's clock. */
  pausedAtUs: number | undefined
  pausedUs: number
  /** The first voucher. */
  opening: { readonly paid: bigint; readonly signature: string } | undefined
}

/** `before`: the lease without it. */
export type Written = {
  readonly account: Account
  readonly fact: LeaseFact | ChannelFact
  readonly before: LeaseState
}

const pausing = (account: Account, nowUs: number): void => {
  const isPaused = account.lease.matches({ meter: 'paused' })
  if (isPaused) account.pausedAtUs ??= nowUs
  else if (account.pausedAtUs !== undefined) {
    account.pausedUs += nowUs - account.pausedAtUs
    account.pausedAtUs = undefined
  }
}

/** For how long it stood still in pauses until now, µs. */
export const pausedUsOf = ({ pausedUs, pausedAtUs }: Account, nowUs: number): number =>
  pausedUs + (pausedAtUs === undefined ? 0 : nowUs - pausedAtUs)

const OPENS: Readonly<Record<string, boolean>> = {
  'announcement.withdrawn': false,
  'announcement.expired': false,
  'announcement.restored': true,
  'announcement.unexpired': true,
}

/** What is on the disks of all nodes, folded. */
export class Truth {
  readonly #accounts = new Map<string, Account>()
  readonly #byLease = new Map<string, Account[]>()
  /** Of the nodes' own, whether they are on the market. */
  readonly #announcements = new Map<string, boolean>()

  /** Leases whose publisher has said that it has their data. */
  readonly fetched = new Set<string>()

  /** Units count as they reach a disk. @returns what was written about leases */
  take(node: NodeName, { appends }: Prepared, nowUs: number): Written[] {
    const written: Written[] = []
    for (const { stream, facts } of appends) {
      const [kind, id] = [stream.slice(0, stream.indexOf('-')), stream.slice(stream.indexOf('-') + 1)]
      if (kind === 'announcement') for (const { type } of facts) this.#announced(`${node} ${id}`, type)
      if (kind !== 'lease' && kind !== 'channel') continue
      const { leaseId, leg } = legOf(id)
      const account = this.#of(node, leaseId)
      for (const { text } of facts) {
        const fact = decode(text) as LeaseFact | ChannelFact
        const before = account.lease
        if (kind === 'lease') account.lease = lease.evolve(account.lease, fact as LeaseFact)
        else
          account.channels.set(leg, channel.evolve(account.channels.get(leg) ?? channel.initial, fact as ChannelFact))
        if (leg === 0 && !account.since.has(fact.type)) account.since.set(fact.type, nowUs)
        if (leg === 0 && fact.type === 'channel.paid') account.opening ??= fact
        account.starvedAtUs = account.lease.matches({ meter: 'starved' }) ? (account.starvedAtUs ?? nowUs) : undefined
        pausing(account, nowUs)
        written.push({ account, fact, before })
      }
    }
    return written
  }

  /** Somebody may still begin a lease. */
  get announces(): boolean {
    return [...this.#announcements.values()].some((isOpen) => isOpen)
  }

  of(node: NodeName, leaseId: string): Account | undefined {
    return this.#accounts.get(`${node} ${leaseId}`)
  }

  /** The same lease in the log of the other side. */
  other({ leaseId, node }: Account): Account | undefined {
    return this.#byLease.get(leaseId)?.find((one) => one.node !== node)
  }

  /** A lease as its provider's log has it. */
  provided(leaseId: string): Account | undefined {
    return this.#byLease.get(leaseId)?.find(({ node }) => node.startsWith('provider'))
  }

  all(): IterableIterator<Account> {
    return this.#accounts.values()
  }

  #announced(key: string, type: string): void {
    if (type === 'announcement.posted') this.#announcements.set(key, true)
    else if (this.#announcements.has(key) && type in OPENS) this.#announcements.set(key, OPENS[type]!)
  }

  #of(node: NodeName, leaseId: string): Account {
    const key = `${node} ${leaseId}`
    const known = this.#accounts.get(key)
    if (known) return known
    const states = { lease: lease.initial, channels: new Map() }
    const made: Account = {
      node,
      leaseId,
      ...states,
      since: new Map(),
      starvedAtUs: undefined,
      pausedAtUs: undefined,
      pausedUs: 0,
      opening: undefined,
    }
    this.#accounts.set(key, made)
    this.#byLease.set(leaseId, [...(this.#byLease.get(leaseId) ?? []), made])
    return made
  }
}
