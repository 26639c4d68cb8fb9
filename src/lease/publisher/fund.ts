import { toHex } from '../../../domain/bytes.ts'
import { encodeTransaction } from '../../../domain/chain/codec.ts'
import { findFunding } from '../../../domain/channel/script.ts'
import { voucherSigner } from '../../../domain/channel/transaction.ts'
import { effectId } from '../../../domain/effect/effect.ts'
import { WITHDRAW_FILLED } from '../../../domain/effect/kinds.ts'
import { Fault } from '../../../domain/fault.ts'
import { reserveSats } from '../../../domain/lease/budget.ts'
import { FAILURES } from '../../../domain/lease/ends.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import { dueSats } from '../../../domain/lease/legs.ts'
import type { Terms } from '../../../domain/terms.ts'
import { NO_USAGE } from '../../../domain/usage.ts'
import { isTooLong } from '../../chain/port.ts'
import { askStep } from '../../process/steps.ts'
import type { Ledger } from '../ledger.ts'
import { channelParams } from '../party.ts'
import { PeerRefused, type Talk } from '../talk.ts'
import type { PublisherParty } from './deps.ts'

/**
 * Locks the budget in the channel and pays the first tick ahead. The wallet knows the payment by the lease id, so that a crash
 * anywhere in here never funds twice.
 *
 * @throws Fault `wallet.*` with the wallet's refusal
 */
export const fund = async (party: PublisherParty, ledger: Ledger, terms: Terms, talk: Talk): Promise<void> => {
  for (;;) {
    try {
      return await talk.send({ type: 'funded', ...(await lock(party, ledger, terms)) })
    } catch (error) {
      if (!isTooLong(error)) throw error
      party.log.info({ lease: terms.leaseId, err: error }, 'the funding waits for a block')
      await nextBlock(party, talk)
    }
  }
}

/** How often a chain is asked for its next block, ms; and after how long a funding is tried again without one. */
const BLOCK_LOOK_MS = 1_000
const TRY_AGAIN_LOOKS = 15

/** Waits for a block, while the provider waits for its funding: it gives the lease up in its own time. @throws what ends the session */
const nextBlock = async ({ engine }: PublisherParty, talk: Talk): Promise<void> => {
  const { height } = await engine.tip()
  for (let look = 0; look < TRY_AGAIN_LOOKS; look++) {
    const heard = await talk.next({ timeoutMs: BLOCK_LOOK_MS }).catch((error: unknown) => {
      if (error instanceof Fault && error.code === 'peer.timeout') return undefined
      throw error
    })
    if (heard?.type === 'refuse') throw new PeerRefused(heard.code, heard.why)
    if (heard !== undefined) throw new PeerRefused('peer-misbehaved', `${heard.type} where nothing was due`)
    if ((await engine.tip()).height > height) return
  }
}

/** A crash may come between the wallet's payment and the lease's log: coins that were locked are never forgotten. */
export const recoverFunding = async (party: PublisherParty, ledger: Ledger, { context }: LeaseState): Promise<void> => {
  const { terms, funding } = context
  if (terms && !funding && (await wasPaid(party, terms.leaseId))) await lock(party, ledger, terms)
}

/** Whether the wallet has paid for a channel, as far as it knows. @param id of the channel */
export const wasPaid = ({ wallet }: PublisherParty, id: string): Promise<boolean> => wallet.hasPaid(`funding-${id}`)

/** Its place may have been the last: then the announcement comes off the market. */
const withdrawIfFilled = (at: number, { leaseId, announcement }: Terms) =>
  askStep(at, { id: effectId(WITHDRAW_FILLED, leaseId), kind: WITHDRAW_FILLED, subject: announcement.slice(0, 64) })

const overBudget = ({ spending }: PublisherParty, sats: bigint): Fault =>
  new Fault('lease.over-daily-budget', `${sats} sats are due at once, ${spending.left()} are left today`, {
    culprit: 'publisher',
    next: FAILURES['over-daily-budget'].next,
  })

const lock = async (party: PublisherParty, ledger: Ledger, terms: Terms) => {
  const params = channelParams(terms)
  const { capacitySats } = terms.channel
  const paid = dueSats(terms, NO_USAGE)
  const { paidSats } = (await ledger.lease()).context
  const step = { from: paidSats, to: paid }
  if (!party.spending.take(terms.leaseId, step, reserveSats(terms, NO_USAGE, NO_USAGE))) {
    if (!(await wasPaid(party, terms.leaseId))) throw overBudget(party, paid)
    // Its coins are locked: it begins, and ends at its first tick for want of a budget.
    party.spending.spend(terms.leaseId, step)
  }
  const tx = await party.fundings.fund(terms.leaseId, params).catch((error: unknown) => {
    party.spending.release(terms.leaseId, paidSats)
    throw error
  })
  const funding = findFunding(tx, params)
  if (funding === undefined) throw new Error(`the wallet paid something else for the channel of ${terms.leaseId}`)
  const { secret } = await party.channelKey(terms.leaseId)
  const signature = toHex(voucherSigner(params, funding, party.curve)(paid, secret))
  const raw = toHex(encodeTransaction(tx))
  const at = party.clock.now()
  await ledger.record(
    [
      { kind: 'fund', at, ...funding, capacitySats },
      { kind: 'pay', at, tick: 0, paidSats: paid },
    ],
    [
      { kind: 'fund', at, ...funding, raw },
      { kind: 'pay', at, paid, signature },
    ],
    [withdrawIfFilled(at, terms)],
  )
  return { raw, vout: funding.vout, paid, signature }
}
