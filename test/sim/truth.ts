import type { ChannelState } from '../../domain/channel/channel.ts'
import { channel } from '../../domain/channel/channel.ts'
import type { ChannelFact } from '../../domain/channel/facts.ts'
import { decode } from '../../domain/codec.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { type LeaseState, lease } from '../../domain/lease/lease.ts'
import type { Prepared } from '../../src/journal/prepared.ts'
import type { NodeName } from './plan.ts'

/** A lease as one node's log has it. */
export type Account = {
  readonly node: NodeName
  readonly leaseId: string
  lease: LeaseState
  channel: ChannelState
  /** When things were written, by the type of the fact; the first time. */
  readonly since: Map<string, number>
  /** When it was starved, while it is. */
  starvedAtUs: number | undefined
  /** The first voucher. */
  opening: { readonly paid: bigint; readonly signature: string } | undefined
}

export type Written = { readonly account: Account; readonly fact: LeaseFact | ChannelFact }

/** What is on the disks of all nodes, folded. */
export class Truth {
  readonly #accounts = new Map<string, Account>()
  readonly #byLease = new Map<string, Account[]>()

  /** Units count as they reach a disk. @returns what was written about leases */
  take(node: NodeName, { appends }: Prepared, nowUs: number): Written[] {
    const written: Written[] = []
    for (const { stream, facts } of appends) {
      const [kind, leaseId] = [stream.slice(0, stream.indexOf('-')), stream.slice(stream.indexOf('-') + 1)]
      if (kind !== 'lease' && kind !== 'channel') continue
      const account = this.#of(node, leaseId)
      for (const { text } of facts) {
        const fact = decode(text) as LeaseFact | ChannelFact
        if (kind === 'lease') account.lease = lease.evolve(account.lease, fact as LeaseFact)
        else account.channel = channel.evolve(account.channel, fact as ChannelFact)
        if (!account.since.has(fact.type)) account.since.set(fact.type, nowUs)
        if (fact.type === 'channel.paid') account.opening ??= fact
        account.starvedAtUs = account.lease.matches({ meter: 'starved' }) ? (account.starvedAtUs ?? nowUs) : undefined
        written.push({ account, fact })
      }
    }
    return written
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

  #of(node: NodeName, leaseId: string): Account {
    const key = `${node} ${leaseId}`
    const known = this.#accounts.get(key)
    if (known) return known
    const states = { lease: lease.initial, channel: channel.initial }
    const made: Account = { node, leaseId, ...states, since: new Map(), starvedAtUs: undefined, opening: undefined }
    this.#accounts.set(key, made)
    this.#byLease.set(leaseId, [...(this.#byLease.get(leaseId) ?? []), made])
    return made
  }
}
