import { expect } from 'vitest'
import type { Market } from './market.ts'

/** The channel's spend as the chain has it, against what both sides say: everything to the sat. */
export const expectPaidOnChain = async ({ chain, provider, publisher, when: wait }: Market, leaseId: string) => {
  const settled = await wait(publisher, leaseId, ({ stage }) => stage === 'SETTLED')
  const other = await wait(provider, leaseId, ({ stage }) => stage === 'SETTLED')
  const paid = BigInt(settled.paidSats)
  const capacity = BigInt(settled.capacitySats!)
  expect(other.paidSats).toBe(settled.paidSats)
  expect(other.settlementTxid).toBe(settled.settlementTxid)
  const [returned, earned, ...more] = await chain.outputsOf(settled.settlementTxid!)
  expect(more).toEqual([])
  expect(returned!.sats).toBe(capacity - paid)
  // The close pays its own fee, out of what the provider earned.
  const fee = capacity - returned!.sats - earned!.sats
  expect(fee).toBeGreaterThan(0n)
  expect(earned!.sats + fee).toBe(paid)
  return { settled, other, paid, capacity, earned: earned!.sats }
}

type Coins = { readonly confirmedSats: string; readonly unconfirmedSats: string; readonly bondedSats: string }

export const coinsOf = async (market: Market, side: 'provider' | 'publisher'): Promise<Coins> => {
  const { balance } = await market[side].api.request<{ balance: Coins }>(
    '{ balance { confirmedSats unconfirmedSats bondedSats } }',
  )
  return balance
}
