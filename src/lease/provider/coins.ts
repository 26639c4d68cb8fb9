import { fromHex } from '../../../domain/bytes.ts'
import { decodeTransaction } from '../../../domain/chain/codec.ts'
import { sumOf } from '../../../domain/channel/legs.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import { capacitiesOf, dueSats } from '../../../domain/lease/legs.ts'
import type { Ledger } from '../ledger.ts'
import { legsOf, openVouchers, type Vouchers } from '../legs.ts'
import type { ProviderParty } from './deps.ts'
import type { ServingEnd } from './serving.ts'

/** The coins that a running lease is paid from, as the provider may count on them. */
export class Coins {
  readonly #party: ProviderParty
  readonly #ledger: Ledger
  #vouchers: Vouchers | undefined

  constructor(party: ProviderParty, ledger: Ledger) {
    this.#party = party
    this.#ledger = ledger
  }

  /** Over the channels that there are now. */
  async vouchers(state: LeaseState): Promise<Vouchers> {
    if (this.#vouchers?.count !== state.context.topUps.length + 1)
      this.#vouchers = await openVouchers(this.#party, this.#ledger, state)
    return this.#vouchers
  }

  /**
   * Whether what the next voucher has to say is covered by channels in blocks. A funding that is in none could be spent elsewhere: on
   * the first only so many ticks are served, on a top-up none. The same goes for one that a reorganisation took away.
   */
  async areEnough(state: LeaseState): Promise<boolean> {
    const { terms, usage, topUps, tick } = state.context
    if (terms === undefined) return false
    const isOpen = async (leg: number) => (await this.#ledger.channel(leg)).context.height !== undefined
    if (tick >= terms.unconfirmedTicks && !(await isOpen(0))) return false
    const capacities = capacitiesOf(terms, topUps)
    const due = dueSats(terms, usage, topUps)
    let covered = capacities[0]!
    for (let at = 1; at < capacities.length && due > covered; at++) {
      if (!(await isOpen(topUps[at - 1]!.leg))) return false
      covered = sumOf(capacities.slice(0, at + 1))
    }
    return true
  }

  /** What the chain has lost is given to it again: the publisher may be out of reach of it. */
  async giveAgain(): Promise<void> {
    const { engine, log } = this.#party
    for (const { leg, context } of await legsOf(this.#ledger, await this.#ledger.lease())) {
      if (context.height !== undefined) continue
      await engine
        .broadcast(decodeTransaction(fromHex(context.funding!.raw)))
        .catch((err) => log.info({ lease: this.#ledger.leaseId, leg, err }, 'a funding could not be given again'))
    }
  }

  /** Why it cannot go on. */
  async missing(): Promise<ServingEnd> {
    return (await this.#ledger.channel()).context.height === undefined
      ? { code: 'funding-missing', why: 'the funding transaction has no confirmation' }
      : { code: 'capacity-used', why: 'the top-up has no confirmation, and the channel holds no further tick' }
  }
}
