import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { virtualSize } from '../../../domain/chain/codec.ts'
import type { Transaction, TxOutput } from '../../../domain/chain/transaction.ts'
import { verifyInput } from '../../../domain/chain/verify-input.ts'
import { fundingOutput } from '../../../domain/channel/script.ts'
import { cooperativeClose, joinTogether, signTogether, topUp } from '../../../domain/channel/together.ts'
import { curve, key, type OwnCoin } from '../../chain/coins.ts'
import { CAPACITY, type Channel, sidesOf, signCoins } from '../../channel/sides.ts'

const channel: Channel = { ...sidesOf(1, 500), funding: { txid: 'ab'.repeat(32), vout: 1 } }
const { params, publisherSecret, providerSecret } = channel
const sum = (outputs: readonly { value: bigint }[]) => outputs.reduce((total, { value }) => total + value, 0n)
const joined = (tx: Transaction): Transaction => {
  const publisher = signTogether(tx, 0, params, publisherSecret, curve)
  const provider = signTogether(tx, 0, params, providerSecret, curve)
  return joinTogether(tx, 0, params, { publisher, provider }, curve)
}
const code = (expected: string) => expect.objectContaining({ code: expected })

describe('a close that both sign whole', () => {
  it('divides the capacity, less a fee that one side bears', () => {
    const cases = fc.record({
      paid: fc.bigInt({ min: 0n, max: CAPACITY }),
      feeFrom: fc.constantFrom('publisher' as const, 'provider' as const),
      feeRateSatsPerVb: fc.double({ min: 1, max: 200, noNaN: true }),
    })
    let made = 0
    fc.assert(
      fc.property(cases, (close) => {
        let tx: Transaction
        try {
          tx = joined(cooperativeClose({ channels: [channel], ...close }))
        } catch (error) {
          expect(error).toEqual(code('channel.not-worth-closing'))
          return
        }
        made++
        expect(verifyInput(tx, 0, [fundingOutput(params)], curve)).toBeUndefined()
        const fee = CAPACITY - sum(tx.outputs)
        expect(Number(fee)).toBeGreaterThanOrEqual(virtualSize(tx) * close.feeRateSatsPerVb)
        const spared = close.feeFrom === 'provider' ? CAPACITY - close.paid : close.paid
        // A share that bears no fee is whole, or was dust.
        expect(spared < 294n || tx.outputs.some(({ value }) => value === spared)).toBe(true)
      }),
      { numRuns: 60 },
    )
    expect(made).toBeGreaterThan(10)
  })

  it('cannot divide what is not there, or leave nothing', () => {
    const close = { channels: [channel], feeFrom: 'provider', feeRateSatsPerVb: 2 } as const
    expect(() => cooperativeClose({ ...close, paid: CAPACITY + 1n })).toThrow(RangeError)
    expect(() => cooperativeClose({ ...close, paid: -1n })).toThrow(RangeError)
    expect(() => cooperativeClose({ ...close, paid: 0n })).toThrow(code('channel.not-worth-closing'))
    expect(() => cooperativeClose({ ...close, paid: CAPACITY, feeRateSatsPerVb: 900 })).toThrow(
      code('channel.not-worth-closing'),
    )
  })

  it('is refused with a signature for another division', () => {
    const close = { channels: [channel], feeFrom: 'provider', feeRateSatsPerVb: 2 } as const
    const [tx, other] = [40_000n, 50_000n].map((paid) => cooperativeClose({ ...close, paid })) as [
      Transaction,
      Transaction,
    ]
    const publisher = signTogether(tx, 0, params, publisherSecret, curve)
    const provider = signTogether(tx, 0, params, providerSecret, curve)
    const bad = code('channel.bad-signature')
    expect(() => joinTogether(other, 0, params, { publisher, provider }, curve)).toThrow(bad)
    expect(() => joinTogether(tx, 0, params, { publisher: provider, provider }, curve)).toThrow(bad)
    expect(() => joinTogether(tx, 0, params, { publisher, provider: provider.subarray(1) }, curve)).toThrow(bad)
  })
})

describe('a top-up', () => {
  const coinsOf = (values: readonly bigint[]): OwnCoin[] =>
    values.map((value, vout) => ({ txid: 'cd'.repeat(32), vout, value, owner: key(9) }))
  const changeScript = key(10).script

  it('loses nothing: what comes in is the new capacity, the change and the fee', () => {
    const cases = fc.record({
      added: fc.bigInt({ min: 0n, max: 500_000n }),
      values: fc.array(fc.bigInt({ min: 1_000n, max: 600_000n }), { minLength: 1, maxLength: 5 }),
      feeRateSatsPerVb: fc.double({ min: 1, max: 20, noNaN: true }),
    })
    let made = 0
    fc.assert(
      fc.property(cases, ({ added, values, feeRateSatsPerVb }) => {
        const next = { ...params, capacity: CAPACITY + added }
        const coins = coinsOf(values)
        let tx: Transaction
        try {
          tx = topUp({ ...channel, next, coins, changeScript, feeRateSatsPerVb })
        } catch (error) {
          expect(error).toEqual(code('channel.not-worth-topping-up'))
          return
        }
        made++
        tx = signCoins(joined(tx), coins, 1)
        const spent: TxOutput[] = [
          fundingOutput(params),
          ...coins.map(({ value, owner }) => ({ value, script: owner.script })),
        ]
        for (const i of tx.inputs.keys()) expect(verifyInput(tx, i, spent, curve)).toBeUndefined()
        expect(tx.outputs[0]).toEqual(fundingOutput(next))
        const fee = sum(spent) - sum(tx.outputs)
        expect(Number(fee)).toBeGreaterThanOrEqual(virtualSize(tx) * feeRateSatsPerVb)
        // Never more than the fee, the change that would be dust, and a byte or two of shorter signatures.
        expect(Number(fee)).toBeLessThan((virtualSize(tx) + 34 + 2 * tx.inputs.length) * feeRateSatsPerVb + 294)
      }),
      { numRuns: 60 },
    )
    expect(made).toBeGreaterThan(10)
  })

  it('makes no smaller channel, and none that the coins do not bear', () => {
    const next = (capacity: bigint) => ({ ...params, capacity })
    const request = { ...channel, changeScript, feeRateSatsPerVb: 2 }
    expect(() => topUp({ ...request, next: next(CAPACITY - 1n), coins: coinsOf([5_000n]) })).toThrow(RangeError)
    expect(() => topUp({ ...request, next: next(CAPACITY + 5_000n), coins: coinsOf([5_000n]) })).toThrow(
      code('channel.not-worth-topping-up'),
    )
  })
})
