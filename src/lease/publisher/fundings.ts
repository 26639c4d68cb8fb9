import type { Transaction } from '../../../domain/chain/transaction.ts'
import { fundingOutput } from '../../../domain/channel/script.ts'
import type { ChannelParams } from '../../../domain/channel/transaction.ts'
import { isRefusal, type Refusal } from '../../../domain/fact.ts'
import { Fault } from '../../../domain/fault.ts'
import type { Clock } from '../../clock/port.ts'
import { MAX_PAID_AT_ONCE, type SentTransaction, type Wallet } from '../../wallet/port.ts'

/** How long a lease whose machine stands waits for others that were agreed to, ms: their channels are then opened as one. */
const GATHER_MS = 1_000

type Waiting = {
  readonly leaseId: string
  readonly params: ChannelParams
  readonly done: (tx: Transaction | Promise<never>) => void
}

/** Opens the channels of leases that are agreed at about the same time in one transaction: it has one change, and few inputs. */
export class Fundings {
  readonly #wallet: Pick<Wallet, 'pay' | 'hasPaid'>
  readonly #clock: Pick<Clock, 'sleep'>
  /** Leases that were agreed to, and are not funded yet. */
  readonly #expected = new Set<string>()
  #waiting: Waiting[] = []
  #hurry: AbortController | undefined

  constructor({ wallet, clock }: { wallet: Pick<Wallet, 'pay' | 'hasPaid'>; clock: Pick<Clock, 'sleep'> }) {
    this.#wallet = wallet
    this.#clock = clock
  }

  /** It is agreed, and will ask for its coins when its machine stands. */
  expect(leaseId: string): void {
    this.#expected.add(leaseId)
  }

  /** Nothing comes of it, or it has its coins. */
  drop(leaseId: string): void {
    this.#expected.delete(leaseId)
    this.#look()
  }

  /**
   * The transaction that funds the channel of a lease, and perhaps others: the very same one, however often it is asked for.
   *
   * @throws Fault `wallet.*` with the wallet's refusal; Rejected
   */
  fund(leaseId: string, params: ChannelParams): Promise<Transaction> {
    this.#expected.add(leaseId)
    return new Promise((resolve) => {
      this.#waiting.push({ leaseId, params, done: resolve })
      if (this.#waiting.length === 1) void this.#gather()
      this.#look()
    })
  }

  /** Nobody else is to come, or no more fit. */
  #look(): void {
    const isWaiting = (leaseId: string) => this.#waiting.some((one) => one.leaseId === leaseId)
    if (this.#waiting.length >= MAX_PAID_AT_ONCE || [...this.#expected].every(isWaiting)) this.#hurry?.abort()
  }

  async #gather(): Promise<void> {
    this.#hurry = new AbortController()
    await this.#clock.sleep(GATHER_MS, this.#hurry.signal).catch(() => {})
    const all = this.#waiting
    this.#waiting = []
    for (const { leaseId } of all) this.#expected.delete(leaseId)
    for (let from = 0; from < all.length; from += MAX_PAID_AT_ONCE)
      await this.#pay(all.slice(from, from + MAX_PAID_AT_ONCE))
  }

  async #pay(part: readonly Waiting[]): Promise<void> {
    try {
      const paid = await Promise.all(part.map(({ leaseId }) => this.#wallet.hasPaid(referenceOf(leaseId))))
      const fresh = part.filter((_, at) => !paid[at])
      for (const one of part.filter((_, at) => paid[at])) await this.#alone(one)
      if (fresh.length === 1) return await this.#alone(fresh[0]!)
      if (fresh.length === 0) return
      const sent = await this.#send(fresh)
      // There may be enough for some of them.
      if (isRefusal(sent)) for (const one of fresh) await this.#alone(one)
      else for (const { done } of fresh) done(sent.tx)
    } catch (error) {
      for (const { done } of part) done(Promise.reject(error))
    }
  }

  async #alone(one: Waiting): Promise<void> {
    try {
      const sent = await this.#send([one])
      one.done(isRefusal(sent) ? Promise.reject(unfunded(sent)) : sent.tx)
    } catch (error) {
      one.done(Promise.reject(error))
    }
  }

  #send(channels: readonly Waiting[]): Promise<SentTransaction | Refusal> {
    const [reference = '', ...also] = channels.map(({ leaseId }) => referenceOf(leaseId))
    return this.#wallet.pay({
      outputs: channels.map(({ params }) => fundingOutput(params)),
      purpose: 'funding',
      reference,
      ...(also.length === 0 ? {} : { also }),
    })
  }
}

const referenceOf = (leaseId: string): string => `funding-${leaseId}`

const unfunded = ({ refused, why }: Refusal): Fault =>
  new Fault(`wallet.${refused}`, `the channel could not be funded: ${why}`, {
    culprit: 'publisher',
    next: 'Receive coins (zennet wallet receive), then rent again.',
  })
