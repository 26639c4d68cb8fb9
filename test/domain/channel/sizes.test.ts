import { describe, expect, it } from 'vitest'
import { virtualSize } from '../../../domain/chain/codec.ts'
import { fundingOutput } from '../../../domain/channel/script.ts'
import { cooperativeClose } from '../../../domain/channel/together.ts'
import { closeTransaction } from '../../../domain/channel/transaction.ts'
import { sizeOf } from '../../../domain/wallet/size.ts'
import { curve, key } from '../../chain/coins.ts'
import { type Channel, sidesOf, voucher } from '../../channel/sides.ts'

const change = { value: 0n, script: key(9).script }
const channels = (count: number): Channel[] =>
  Array.from({ length: count }, (_, i) => ({ ...sidesOf(i + 1, 500), funding: { txid: 'ab'.repeat(32), vout: i } }))
const perLease = (vbytes: number, leases: number): number => Math.round(vbytes / leases)

/** As the wallet makes them, signatures at their longest: P2WPKH coins in, the channels and one change out. */
const opened = (leases: number, coins: number): number =>
  perLease(sizeOf(coins, [...channels(leases).map(({ params }) => fundingOutput(params)), change]), leases)

const closed = (leases: number): number => {
  const closing = channels(leases).map((channel) => ({
    params: channel.params,
    funding: channel.funding,
    paid: 40_000n,
    publisherSig: voucher(channel, 40_000n),
    providerSecret: channel.providerSecret,
  }))
  const tx = closeTransaction({ channels: closing, feeRateSatsPerVb: 1, payoutScript: key(201).script, curve })
  return perLease(virtualSize(tx), leases)
}

describe('virtual bytes for each lease', () => {
  it.each([
    [1, 1, 153],
    [10, 5, 81],
    [50, 18, 68],
    // The same out of one coin that is large enough.
    [10, 1, 54],
    [50, 1, 45],
  ])('%i opened as one out of %i coins: %i', (leases, coins, vbytes) => expect(opened(leases, coins)).toBe(vbytes))

  it.each([
    [1, 180],
    [10, 142],
    [50, 139],
  ])('%i closed as one by vouchers: %i', (leases, vbytes) => expect(closed(leases)).toBe(vbytes))

  it.each([
    [1, 180],
    [2, 287],
  ])('a lease with %i channels, closed plainly: %i', (count, vbytes) => {
    const tx = cooperativeClose({ channels: channels(count), paid: 40_000n, feeFrom: 'provider', feeRateSatsPerVb: 1 })
    expect(virtualSize(tx)).toBe(vbytes)
  })
})
