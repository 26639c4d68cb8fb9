import { isRefusal, type Refusal } from '../../domain/fact.ts'
import type { Change } from '../../domain/lease/change.ts'
import { scalePrice } from '../../domain/price.ts'
import type { Terms } from '../../domain/terms.ts'
import { openLedger } from '../../src/lease/ledger.ts'
import { noticeCommand, type When } from '../../src/lease/notice.ts'
import type { Ask } from './asks.ts'
import type { Running } from './node.ts'
import type { Rent } from './plan.ts'
import type { Account } from './truth.ts'
import type { World } from './world.ts'

type Answer = Promise<unknown> | undefined

/** People who want something of a lease that runs: they ask until they get an answer, be it a no. */
export class Asking {
  readonly #world: World
  readonly #answered = new Set<string>()

  constructor(world: World) {
    this.#world = world
  }

  /** Looks at one lease in the log of one side. */
  look({ asks = [] }: Rent, account: Account): void {
    const { nowMs } = this.#world
    for (const [i, ask] of asks.entries()) {
      if (nowMs < ask.atMs || (ask.kind === 'pause' && ask.by === 'owner' ? 'provider' : ask.by) !== sideOf(account))
        continue
      const once = (what: string, act: (running: Running) => Answer) => this.#once(`${i} ${what}`, account, act)
      if (ask.kind === 'pause') this.#pause(ask, account, once)
      else if (!this.#world.windingDown) {
        if (ask.kind === 'change') once('change', (running) => change(running, account, ask.what))
        else {
          once('notice', (running) => notice(running, account, ask.inMs))
          if (ask.takenBackMs !== undefined && nowMs >= ask.atMs + ask.takenBackMs)
            once('take back', (running) => notice(running, account, 'withdraw'))
        }
      }
    }
  }

  /** The data of a lease that has ended is had: its machine may go. */
  fetched({ fetchedMs }: Rent, { node, leaseId, lease, since }: Account): void {
    const { truth, nowMs } = this.#world
    const endedUs = since.get('lease.ended')
    if (fetchedMs === undefined || endedUs === undefined || lease.context.side !== 'publisher') return
    if (truth.fetched.has(leaseId) || nowMs < endedUs / 1_000 + fetchedMs) return
    void this.#world
      .node(node)
      .running?.publisher?.publisher.release(leaseId)
      .then((isTold) => isTold && truth.fetched.add(leaseId))
  }

  #pause(
    { by, atMs, forMs }: Extract<Ask, { kind: 'pause' }>,
    { node, leaseId }: Account,
    once: (what: string, act: (running: Running) => Answer) => void,
  ): void {
    const isWanted = !this.#world.windingDown && this.#world.nowMs < atMs + forMs
    if (by === 'owner') {
      // Said again at each look, as whoever looks after the owner's load does.
      const { seeker } = this.#world.node(node).running ?? {}
      for (const [id, lease] of seeker?.running ?? []) if (id === leaseId) lease.pause('owner-busy', isWanted)
    } else
      once(isWanted ? 'pause' : 'resume', ({ publisher, seeker }) =>
        (publisher?.publisher ?? seeker)?.pauseLease(leaseId, isWanted),
      )
  }

  #once(what: string, { node, leaseId }: Account, act: (running: Running) => Answer): void {
    const key = `${node} ${leaseId} ${what}`
    const { running } = this.#world.node(node)
    if (running === undefined || this.#answered.has(key)) return
    act(running)?.then(
      (answer) => {
        // One that is pending passes, others are an answer.
        if (!isRefusal(answer) || (answer as Refusal).refused !== 'change-pending') this.#answered.add(key)
      },
      (error) => this.#world.say(node, `no answer to ${what}: ${error.message}`),
    )
  }
}

const sideOf = ({ lease }: Account) => lease.context.side

const ledgerOf = ({ hands }: Running, { leaseId }: Account) => openLedger(hands.party.streams, leaseId)

const notice = (running: Running, account: Account, when: When): Answer =>
  running.publisher?.publisher.stopLease(account.leaseId, when) ??
  ledgerOf(running, account).try([noticeCommand(running.life.clock.now(), 'provider', when)])

const changeOf = (
  { price, maxDurationMs, noticeMs = 0 }: Terms,
  what: Extract<Ask, { kind: 'change' }>['what'],
): Change => {
  const priced = (percent: bigint) => ({ price: { ...scalePrice(price, percent, 100n), startMsat: price.startMsat } })
  switch (what) {
    case 'longer':
      return { maxDurationMs: maxDurationMs + 30_000 }
    case 'cheaper':
      return priced(90n)
    case 'dearer':
      return priced(120n)
    case 'notice':
      return { noticeMs: noticeMs + 2_000 }
  }
}

const change = (running: Running, account: Account, what: Extract<Ask, { kind: 'change' }>['what']): Answer => {
  const wanted = changeOf(account.lease.context.terms!, what)
  const ledger = ledgerOf(running, account)
  const at = running.life.clock.now()
  return (
    running.publisher?.publisher.changes.want(ledger, wanted) ??
    ledger.try([{ kind: 'want-change', at, by: 'provider', change: wanted }])
  )
}
