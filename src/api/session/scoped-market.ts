import { createHash } from 'node:crypto'
import { GraphQLError } from 'graphql'
import { announcements } from '../../../projections/announcements.ts'
import { leases } from '../../../projections/leases.ts'
import type { Clock } from '../../clock/port.ts'
import type { Projector } from '../../projector/port.ts'
import type { Market, Problem, Terminals } from '../port.ts'
import { isProblem, problemOf } from '../problem.ts'
import type { Session } from './principal.ts'
import type { Sessions } from './sessions.ts'
import { isParty } from './visible.ts'

const DAY_MS = 86_400_000

/** What is wrong with asking the owner's things in a session. */
export const forbidden = (what: string): GraphQLError =>
  new GraphQLError(`${what}: this session may not`, {
    extensions: {
      code: 'api.forbidden',
      next: 'Ask with the node’s own token, or ask its owner to grant it (sessionKeys).',
    },
  })

/** Not that there is none, nor that there is: whoever guesses ids learns nothing. */
const notYours = (what: string): Problem =>
  problemOf('api.not-found', `no such ${what}, or it is not of this session’s key`, 'See which there are.')

/**
 * The node as a session may use it: its own leases, and payments up to its limit. `projector`: of the owner. Everything else is
 * refused; a method that is added to `Market` has to be decided on here.
 */
export const scopedMarket = (
  market: Market,
  projector: Projector,
  sessions: Sessions,
  session: Session,
  clock: Clock,
): Market => {
  const lease = (id: string) => {
    const row = projector.byId(leases, id)
    return isParty(row, session.key) ? row : undefined
  }
  /** Keys of different people do not meet. */
  const own = (idempotencyKey: string): string =>
    createHash('sha256').update(`${session.key}\0${idempotencyKey}`).digest('hex')

  /** Counts first, on the disk, and pays then: what is not known to have failed stays counted. */
  const paid = async <T extends object>(
    sats: bigint,
    idempotencyKey: string,
    run: () => Promise<T | Problem>,
  ): Promise<T | Problem> => {
    const takeBack = sessions.store.charge({
      key: session.key,
      session: session.id,
      id: idempotencyKey,
      sats,
      day: Math.floor(clock.now() / DAY_MS),
      dayLimitSats: sessions.grantOf(session.key).spendPerDaySats,
      sessionLimitSats: session.spendLimitSats,
    })
    if (takeBack === undefined)
      return problemOf(
        'api.spend-limit',
        `${sats} sats is more than this session may still spend`,
        'Spend less, wait for the next day, or ask the node’s owner for more.',
      )
    const done = await run()
    if (isProblem(done)) takeBack()
    return done
  }
  /** A way into a machine is its tenant's, and running something there is more than reading. */
  const scopedTerminals = (terminals: Terminals): Terminals => {
    const isTenant = (leaseId: string) => session.scopes.has('post') && lease(leaseId)?.publisherKey === session.key
    return {
      keyKept: async (leaseId) => isTenant(leaseId) && terminals.keyKept(leaseId),
      open: async (leaseId, terminal) => (isTenant(leaseId) ? terminals.open(leaseId, terminal) : notYours('lease')),
    }
  }
  const owners = (what: string) => () => Promise.reject(forbidden(what))

  return {
    postAnnouncement: (request, idempotencyKey) => {
      const { capacitySats, mostSats = capacitySats } = request.order
      const sats = mostSats * BigInt(request.body.count)
      return paid(sats, own(idempotencyKey), () => market.postAnnouncement(request, own(idempotencyKey)))
    },
    /** It tells what the wallet has. */
    checkAnnouncement: owners('checkAnnouncement'),
    withdrawAnnouncement: async (txid) =>
      projector.byId(announcements, txid)?.author === session.key
        ? market.withdrawAnnouncement(txid)
        : notYours('announcement'),
    stopLease: async (leaseId, inMs) =>
      lease(leaseId) === undefined ? notYours('lease') : market.stopLease(leaseId, inMs),
    /** Other terms may cost more: only the owner asks for them. */
    changeLease: async () => notYours('lease'),
    withdrawNotice: async (leaseId) =>
      lease(leaseId) === undefined ? notYours('lease') : market.withdrawNotice(leaseId),
    /** The publisher's coins: a provider of the lease has no say in it. */
    topUpLease: async (leaseId, sats, idempotencyKey) =>
      lease(leaseId)?.publisherKey === session.key
        ? paid(sats, own(idempotencyKey), () => market.topUpLease(leaseId, sats, own(idempotencyKey)))
        : notYours('lease'),
    pauseLease: async (leaseId, paused) =>
      lease(leaseId) === undefined ? notYours('lease') : market.pauseLease(leaseId, paused),
    send: async (payment, idempotencyKey) => {
      // The fee is paid on top of what is counted: only the node’s own estimate is safe.
      if (payment.feeRate !== undefined || payment.targetBlocks !== undefined)
        return problemOf('api.bad-input', 'a session cannot choose the fee', 'Leave feeRate and targetBlocks out.')
      return paid(payment.sats, own(idempotencyKey), () => market.send(payment, own(idempotencyKey)))
    },
    /** A way into a machine is its tenant's. */
    shell: async (leaseId) => (lease(leaseId)?.publisherKey === session.key ? market.shell(leaseId) : undefined),
    balance: owners('balance'),
    balances: owners('balances'),
    budget: () => undefined,
    /** Who its peers are is the owner’s to know. */
    chainNetwork: () => undefined,
    /** By which rules it lends is its own business. */
    lending: async () => undefined,
    receiveAddress: owners('receiveAddress'),
    walletHistory: owners('walletHistory'),
    transaction: (txid) => market.transaction(txid),
    feeRate: (blocks) => market.feeRate(blocks),
    status: () => market.status(),
    ...(market.terminals === undefined ? {} : { terminals: scopedTerminals(market.terminals) }),
  }
}
