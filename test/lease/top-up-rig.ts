import { isRefusal } from '../../domain/fact.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { channelOf, leaseOf, type Rig } from './rig.ts'

/** Tops up the newest lease, and waits until the provider knows. @returns the lease id */
export const topUp = async ({ publisher, provider }: Rig, sats: bigint): Promise<string> => {
  const { leaseId } = (await leaseOf(publisher)).context
  const asked = await publisher.publisher.topUpLease(leaseId, { sats, reference: `${Math.random()}` })
  if (isRefusal(asked)) throw new Error(`${asked.refused}: ${asked.why}`)
  await provider.fact('lease.topped-up')
  return leaseId
}

/** Mines until the provider knows that a further channel is in a block. */
export const mineChannel = async (rig: Rig, leaseId: string, leg: number): Promise<void> => {
  const opened = async () => {
    while ((await channelOf(rig.provider, `${leaseId}.${leg}`)).context.height === undefined)
      await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await rig.mineUntil(opened())
}

/** Asks for the end, where there is none yet, and sees both sides settle. */
export const settleBoth = async (rig: Rig): Promise<Extract<LeaseFact, { type: 'lease.settled' }>> => {
  const { publisher, provider, mineUntil } = rig
  const { leaseId, end, notice } = (await leaseOf(publisher)).context
  if (!end && !notice) await publisher.publisher.stopLease(leaseId).catch(() => {})
  const [ours, theirs] = await mineUntil(Promise.all([provider.fact('lease.settled'), publisher.fact('lease.settled')]))
  if ((ours as { paidSats?: bigint }).paidSats !== (theirs as { paidSats?: bigint }).paidSats)
    throw new Error('they do not agree on what was paid')
  return theirs as unknown as Extract<LeaseFact, { type: 'lease.settled' }>
}
