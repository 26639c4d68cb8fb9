import { type Market, until } from './market.ts'
import { type Lease, leaseOf, leasesOf } from './story.ts'

/** Waits until a lease has been served `more` ticks from now on. */
export const goesOn = async ({ publisher, when }: Market, leaseId: string, more = 2): Promise<Lease> => {
  const { tick } = (await leaseOf(publisher, leaseId))!
  return await when(
    publisher,
    leaseId,
    (lease) => lease.stage === 'METER' && !lease.starved && lease.tick >= tick + more,
  )
}

/** Waits until one of an announcement's leases is served. */
export const comesToBe = async ({ publisher }: Market, txid: string): Promise<Lease> => {
  const serves = async () => (await leasesOf(publisher, txid)).find(({ stage, tick }) => stage === 'METER' && tick >= 2)
  return await until(serves, async () => JSON.stringify(await leasesOf(publisher, txid)))
}
