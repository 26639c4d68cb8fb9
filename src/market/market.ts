import { acceptedFacts } from '../../domain/accepts.ts'
import { addressOf, decodeAddress } from '../../domain/chain/address.ts'
import { isRefusal } from '../../domain/fact.ts'
import { announcementStream } from '../../domain/ids.ts'
import { FAILURES } from '../../domain/lease/ends.ts'
import { isOver, stageOf } from '../../domain/lease/lease.ts'

import { KEY_ACCOUNTS } from '../../domain/wallet/key-path.ts'
import type { ChainNetwork } from '../api/network/port.ts'
import type {
  AnnouncementRequest,
  EffectCommands,
  Forgetting,
  Market,
  NodeStatus,
  Problem,
  Terminals,
  WalletDesk,
} from '../api/port.ts'
import type { ChainEngine } from '../chain/port.ts'
import type { Clock } from '../clock/port.ts'
import type { Journal } from '../journal/port.ts'
import type { Streams } from '../journal/streams.ts'
import { pastChannel } from '../lease/channel-time.ts'
import { openLedger } from '../lease/ledger.ts'
import { noticeCommand } from '../lease/notice.ts'
import type { Publisher } from '../lease/publisher/publisher.ts'
import type { Spending } from '../lease/publisher/spending.ts'
import type { Endpoint } from '../peer/port.ts'
import type { Projector } from '../projector/port.ts'
import type { KeptKeys } from '../shell/port.ts'
import type { SpendingLock, Wallet } from '../wallet/port.ts'
import { asProblem, guarded, NEXT, problem } from './answer.ts'
import { announcementRules } from './chain-plan.ts'
import { changeOf } from './change-request.ts'
import { accountBalance, bondedSats, budgetOf } from './coins.ts'
import type { OwnAnnouncements } from './own-announcements.ts'
import type { Seeker } from './seeker.ts'
import { withKey } from './with-key.ts'

export type MarketParts = {
  readonly journal: Journal
  readonly streams: Streams
  readonly projector: Projector
  readonly engine: ChainEngine
  readonly wallet: Wallet
  readonly status: NodeStatus
  readonly clock: Pick<Clock, 'now'>
  readonly forgetting: Forgetting
  readonly effects: EffectCommands
  readonly lock: SpendingLock
  readonly desk: WalletDesk
  readonly terminals: Terminals
  readonly chainNetwork: () => ChainNetwork
  /** Absent when this node is no publisher, and while another node on this log is the one. */
  readonly publisher:
    | {
        readonly own: OwnAnnouncements
        readonly publisher: Publisher
        readonly spending: Spending
        readonly endpoint: Endpoint
        readonly keys: KeptKeys
      }
    | undefined
  /** Absent when this node is no provider, and while another node on this log is the one. */
  readonly seeker: Seeker | undefined
}

/** The commands of a node's API, each answered with what was done or with a problem that a person can act on. */
export const openMarket = (parts: MarketParts): Market => {
  const { journal, streams, projector, engine, wallet, status, clock } = parts

  const absent = (role: 'publisher' | 'provider'): Problem =>
    status.roles.includes(role)
      ? problem(
          'standby',
          `another node on this log is the ${role} now`,
          'Send it to that node; this one takes over when it is gone.',
        )
      : role === 'publisher'
        ? problem('not-a-publisher', 'this node does not rent machines', 'Start it with the role publisher.')
        : problem('not-a-provider', 'this node does not lend machines', 'Send it to the provider of this log.')

  /** Why a request would not be posted now. */
  const cannotPost = async (request: AnnouncementRequest): Promise<Problem | undefined> => {
    if (!parts.publisher) return absent('publisher')
    const locked = asProblem(parts.lock.refusal())
    if (locked) return locked
    if (parts.publisher.spending.left() === 0n)
      return problem('over-daily-budget', 'today’s budget is used', FAILURES['over-daily-budget'].next)
    const { confirmed, unconfirmed } = await wallet.balance()
    return unaffordable(request, confirmed + unconfirmed)
  }

  return {
    async postAnnouncement(request, idempotencyKey) {
      const refused = await cannotPost(request)
      if (refused) return refused
      const { own, endpoint, keys } = parts.publisher!
      const wanted = { ...withKey(request, idempotencyKey, keys), reference: idempotencyKey }
      const posted = await guarded(() => own.post(wanted, endpoint))
      return asProblem(posted) ?? (posted as { txid: string; position: number })
    },
    checkAnnouncement: cannotPost,
    async withdrawAnnouncement(txid) {
      if (!parts.publisher) return absent('publisher')
      const { own } = parts.publisher
      const locked = asProblem(parts.lock.refusal())
      if (locked) return locked
      const done = await guarded(() => own.withdraw(txid))
      if (isRefusal(done) && done.refused === 'withdrawn') {
        const { state } = await streams.load(announcementRules, announcementStream(txid))
        const conflict = { state: String(state.value), accepts: acceptedFacts(state) }
        return { ...problem('state-conflict', done.why, NEXT['withdrawn']!), conflict }
      }
      return asProblem(done) ?? { txid, ...(done as { withdrawalTxid: string }), position: await journal.head() }
    },
    async stopLease(leaseId, inMs) {
      const state = await openLedger(streams, leaseId).lease()
      const stage = stageOf(state)
      const conflict = (message: string, next: string): Problem => ({
        ...problem('state-conflict', message, next),
        conflict: { state: stage, accepts: acceptedFacts(state) },
      })
      if (stage === 'unknown') return problem('not-found', `there is no lease ${leaseId}`, 'See `zennet lease ls`.')
      if (
        state.context.end &&
        !state.context.released &&
        parts.publisher &&
        (await parts.publisher.publisher.release(leaseId))
      )
        return { leaseId, position: await journal.head() }
      if (isOver(state) || stage === 'settle')
        return conflict(`the lease is ${stage} already`, 'Nothing is left to stop.')
      if (stage !== 'meter')
        return conflict(`the lease is still in ${stage}`, 'Wait until it runs, or withdraw the announcement.')
      if (state.context.side === 'publisher') {
        if (!parts.publisher) return absent('publisher')
        const refused = asProblem(await parts.publisher.publisher.stopLease(leaseId, inMs))
        if (refused) return refused
      } else {
        if (!parts.seeker) return absent('provider')
        // Nobody should break what was agreed by forgetting to say when.
        const noticeMs = inMs ?? state.context.terms?.noticeMs ?? 0
        if (noticeMs > 0) {
          const given = await openLedger(streams, leaseId).try([noticeCommand(clock.now(), 'provider', noticeMs)])
          if (isRefusal(given)) return asProblem(given)!
        } else if (!parts.seeker.stopLease(leaseId))
          return conflict('this lease does not run here', 'See `zennet lease show`.')
      }
      return { leaseId, position: await journal.head() }
    },
    async withdrawNotice(leaseId) {
      const ledger = openLedger(streams, leaseId)
      const { side, notices } = (await ledger.lease()).context
      if (!notices.some(({ by, withdrawn }) => by === side && !withdrawn))
        return problem('no-notice', `this node has announced no end of lease ${leaseId}`, 'See `zennet lease show`.')
      if (!(side === 'publisher' ? parts.publisher : parts.seeker)) return absent(side)
      const done = await (side === 'publisher'
        ? parts.publisher!.publisher.stopLease(leaseId, 'withdraw')
        : ledger.try([noticeCommand(clock.now(), side, 'withdraw')]))
      return isRefusal(done) ? asProblem(done)! : { leaseId, position: await journal.head() }
    },
    async changeLease(leaseId, request) {
      const ledger = openLedger(streams, leaseId)
      const state = await ledger.lease()
      const { terms, side } = state.context
      if (terms === undefined || stageOf(state) !== 'meter') {
        const conflict = { state: stageOf(state), accepts: acceptedFacts(state) }
        if (stageOf(state) === 'unknown')
          return problem('not-found', `there is no lease ${leaseId}`, 'See `zennet lease ls`.')
        return {
          ...problem('state-conflict', 'terms are changed while a lease runs', 'See `zennet lease show`.'),
          conflict,
        }
      }
      if (!(side === 'publisher' ? parts.publisher : parts.seeker)) return absent(side)
      const change = changeOf(terms, request)
      const done = await (side === 'publisher'
        ? parts.publisher!.publisher.changes.want(ledger, change)
        : ((await pastChannel(engine, state, change)) ??
          ledger.try([{ kind: 'want-change', at: clock.now(), by: side, change }])))
      return asProblem(done) ?? { leaseId, position: await journal.head() }
    },
    async topUpLease(leaseId, sats, idempotencyKey) {
      const state = await openLedger(streams, leaseId).lease()
      const stage = stageOf(state)
      if (stage === 'unknown') return problem('not-found', `there is no lease ${leaseId}`, 'See `zennet lease ls`.')
      if (state.context.side === 'provider')
        return problem('not-a-publisher', 'the publisher of a lease tops it up', 'Ask the publisher to.')
      if (!parts.publisher) return absent('publisher')
      const locked = asProblem(parts.lock.refusal())
      if (locked) return locked
      const { confirmed, unconfirmed } = await wallet.balance()
      const known = state.context.references.includes(idempotencyKey)
      if (!known && confirmed + unconfirmed < sats)
        return problem(
          'insufficient-funds',
          `${sats} sats are to be added, the wallet has ${confirmed + unconfirmed}`,
          NEXT['insufficient-funds']!,
        )
      const { publisher } = parts.publisher
      const done = await guarded(() => publisher.topUpLease(leaseId, { sats, reference: idempotencyKey }))
      if (isRefusal(done) && done.refused === 'illegal') {
        const conflict = { state: stage, accepts: acceptedFacts(state) }
        return {
          ...problem('state-conflict', `the lease is in ${stage}`, 'A lease is topped up while it runs.'),
          conflict,
        }
      }
      return asProblem(done) ?? { leaseId, position: await journal.head() }
    },
    async pauseLease(leaseId, paused) {
      const state = await openLedger(streams, leaseId).lease()
      const stage = stageOf(state)
      const { side } = state.context
      if (stage === 'unknown') return problem('not-found', `there is no lease ${leaseId}`, 'See `zennet lease ls`.')
      if (stage !== 'meter') {
        const conflict = { state: stage, accepts: acceptedFacts(state) }
        return {
          ...problem('state-conflict', `the lease is in ${stage}`, 'A lease is paused while it runs.'),
          conflict,
        }
      }
      if (side === 'publisher') {
        if (!parts.publisher) return absent('publisher')
        const { publisher } = parts.publisher
        const done = await guarded(() => publisher.pauseLease(leaseId, paused))
        return asProblem(done) ?? { leaseId, position: await journal.head() }
      }
      if (!parts.seeker) return absent('provider')
      const done = await parts.seeker.pauseLease(leaseId, paused)
      return asProblem(done) ?? { leaseId, position: await journal.head() }
    },
    async send({ address, sats, ...choice }, idempotencyKey) {
      const sent = await guarded(async () => {
        const locked = parts.lock.refusal()
        if (locked) return locked
        const script = decodeAddress(engine.network, address)
        return await wallet.pay({
          outputs: [{ script, value: sats }],
          purpose: 'payment',
          reference: `send-${idempotencyKey}`,
          ...choice,
        })
      })
      return asProblem(sent) ?? { txid: (sent as { txid: string }).txid, position: await journal.head() }
    },
    async shell(leaseId) {
      const { context } = await openLedger(streams, leaseId).lease()
      if (context.side !== 'publisher' || !context.shell || !context.funding) return undefined
      const port = await parts.publisher?.publisher.shellPort(leaseId)
      return port === undefined ? undefined : { host: '127.0.0.1', port, ...context.shell }
    },
    async balance() {
      const { confirmed, unconfirmed, immature } = await wallet.balance()
      return {
        confirmedSats: confirmed,
        unconfirmedSats: unconfirmed,
        immatureSats: immature,
        bondedSats: bondedSats(projector),
      }
    },
    budget: () => parts.publisher && budgetOf(parts.publisher.spending.today()),
    balances: () => Promise.all(KEY_ACCOUNTS.map((account) => accountBalance(wallet, account))),
    receiveAddress: () => wallet.receiveAddress(),
    walletHistory: (limit) => wallet.history(limit),
    async transaction(txid) {
      const found = await engine.transaction(txid)
      if (found === undefined) return undefined
      const { tx, block } = found
      const addresses = tx.outputs.map(({ script }) => addressOf(engine.network, script))
      return { tx, addresses, ...(block ? { height: block.height } : {}) }
    },
    feeRate: (blocks) => engine.feeRate(blocks),
    chainNetwork: parts.chainNetwork,
    lending: async () => parts.seeker?.lending(),
    status: () => status,
    forgetting: parts.forgetting,
    effects: parts.effects,
    desk: parts.desk,
    terminals: parts.terminals,
  }
}

/** A budget that the wallet cannot lock now would only fail later, in front of a provider. */
const unaffordable = ({ body, order }: AnnouncementRequest, have: bigint): Problem | undefined => {
  const need = order.capacitySats * BigInt(body.count)
  return have < need
    ? problem(
        'insufficient-funds',
        `${need} sats are needed for ${body.count} lease(s), the wallet has ${have}`,
        NEXT['insufficient-funds']!,
      )
    : undefined
}
