import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../../domain/fault.ts'
import { plainText } from '../../../domain/plain-text.ts'
import type { GraphqlClient } from '../../api/client.ts'
import type { Progress } from '../progress.ts'
import { showNumber } from '../quantity.ts'
import { isOver, type LeaseView, readLease } from './lease-view.ts'

/** How long an ended lease may take until its money is in a block, ms: several blocks of a slow chain. */
export const SETTLE_WAIT_MS = 3_600_000
/** How often the node on this machine is asked, ms. */
export const LOOK_MS = 250

/** Waits until an ended lease is over. @throws Fault `cli.timed-out` */
export const untilOver = async (client: GraphqlClient, leaseId: string, progress: Progress): Promise<LeaseView> => {
  const until = performance.now() + SETTLE_WAIT_MS
  for (;;) {
    const lease = await readLease(client, leaseId)
    if (isOver(lease)) {
      progress.clear()
      return lease
    }
    if (performance.now() > until) throw settleTimeout(lease)
    progress.show(settlesBy(lease))
    await delay(LOOK_MS)
  }
}

export const settleTimeout = ({ leaseId, stage }: Pick<LeaseView, 'leaseId' | 'stage'>): Fault =>
  new Fault('cli.timed-out', `the lease ${leaseId} is still in ${stage.toLowerCase()}`, {
    culprit: 'chain',
    next: 'It settles by itself while the node runs; see zennet lease watch.',
  })

/** The person who waits has left. */
export const interrupted = (next: string): Fault =>
  new Fault('cli.interrupted', 'interrupted', { culprit: 'you', next })

/** What an ended lease waits for. */
export const settlesBy = ({ stage, released }: LeaseView): string => {
  if (stage !== 'SETTLE') return 'settle: waiting for the other side to end the lease'
  return released
    ? 'settle: waiting for the payment to be in a block'
    : 'settle: waiting for the machine to be removed and the receipt signed'
}

/** What a lease came to, on one line that is safe for a terminal. */
export const settledLine = (lease: LeaseView): string => {
  const { leaseId, stage, paidSats, capacitySats, settlementTxid, settlementHeight, end } = lease
  const id = leaseId.slice(0, 12)
  if (stage === 'SETTLED') {
    const back = capacitySats === null ? 0n : BigInt(capacitySats) - BigInt(paidSats)
    return plainText(
      `lease ${id} settled: paid ${showNumber(paidSats)} sats, ${showNumber(back)} of ${showNumber(capacitySats ?? '0')} ` +
        `back less the chain’s fee; transaction ${settlementTxid} in block ${settlementHeight}; ended: ${end?.code} (${end?.culprit}). ${end?.next}`,
    )
  }
  if (stage === 'REFUNDED')
    return plainText(
      `lease ${id} refunded: nothing was claimed; transaction ${settlementTxid}; ended: ${end?.code} (${end?.culprit}). ${end?.next}`,
    )
  return plainText(`lease ${id} ${stage.toLowerCase()}: ${end?.code} (${end?.culprit}): ${end?.why}. ${end?.next}`)
}
