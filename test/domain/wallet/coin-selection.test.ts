import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nullData } from '../../../domain/chain/script.ts'
import type { TxOutput } from '../../../domain/chain/transaction.ts'
import { isRefusal } from '../../../domain/fact.ts'
import { MAX_INPUTS, type SelectionRequest, selectCoins } from '../../../domain/wallet/coin-selection.ts'
import { dustOf } from '../../../domain/wallet/dust.ts'
import { feeFor, sizeOf } from '../../../domain/wallet/size.ts'

type Coin = { value: bigint; confirmed: boolean }
const p2wpkh = Uint8Array.from([0, 20, ...new Uint8Array(20)])
const p2wsh = Uint8Array.from([0, 32, ...new Uint8Array(32)])
const sum = (parts: readonly { value: bigint }[]): bigint => parts.reduce((total, part) => total + part.value, 0n)

const coin = fc.record({ value: fc.bigInt(1n, 5_000_000n), confirmed: fc.boolean() })
const output: fc.Arbitrary<TxOutput> = fc.record({
  value: fc.bigInt(330n, 3_000_000n),
  script: fc.constantFrom(p2wpkh, p2wsh),
})
const requests: fc.Arbitrary<SelectionRequest<Coin>> = fc.record({
  fixed: fc.array(coin, { maxLength: 2 }),
  candidates: fc.array(coin, { maxLength: 12 }),
  outputs: fc.array(output, { maxLength: 4 }),
  changeScript: fc.constant(p2wpkh),
  feeSatsPerKvb: fc.bigInt(1_000n, 200_000n),
})

describe('coin selection', () => {
  it('always balances, pays the fee rate, and makes no dust', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const selection = selectCoins(request)
        if (isRefusal(selection)) return
        const { coins, change, fee } = selection
        expect(sum(coins)).toBe(sum(request.outputs) + change + fee)
        const outputs = change === 0n ? request.outputs : [...request.outputs, { value: change, script: p2wpkh }]
        const least = feeFor(sizeOf(coins.length, outputs), request.feeSatsPerKvb)
        expect(outputs.length).toBeGreaterThan(0)
        if (change > 0n) {
          expect(change).toBeGreaterThanOrEqual(dustOf({ script: p2wpkh }))
          expect(fee).toBe(least)
        } else {
          // What is left for the fee is less than a change output, with its own cost, would have needed.
          const withChange = feeFor(
            sizeOf(coins.length, [...outputs, { value: 0n, script: p2wpkh }]),
            request.feeSatsPerKvb,
          )
          expect(fee).toBeGreaterThanOrEqual(least)
          expect(fee).toBeLessThan(withChange + dustOf({ script: p2wpkh }))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('uses each coin once, and the fixed ones first', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const selection = selectCoins(request)
        if (isRefusal(selection)) return
        expect(selection.coins.slice(0, request.fixed.length)).toEqual(request.fixed)
        expect(new Set(selection.coins).size).toBe(selection.coins.length)
        const known = new Set<Coin>([...request.fixed, ...request.candidates])
        for (const each of selection.coins) expect(known.has(each)).toBe(true)
      }),
    )
  })

  it('refuses only when no set of the largest coins is enough', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const selection = selectCoins(request)
        if (!isRefusal(selection)) return
        expect(selection.refused).toBe('insufficient-funds')
        const sorted = [...request.candidates].sort((a, b) => Number(b.value - a.value))
        for (let count = 0; count <= sorted.length; count++) {
          const coins = [...request.fixed, ...sorted.slice(0, count)]
          if (coins.length === 0 || request.outputs.length === 0) continue
          expect(sum(coins)).toBeLessThan(
            sum(request.outputs) + feeFor(sizeOf(coins.length, request.outputs), request.feeSatsPerKvb),
          )
        }
      }),
      { numRuns: 300 },
    )
  })

  it('leaves unconfirmed coins alone while confirmed ones do', () => {
    const candidates = [
      { value: 90_000n, confirmed: false },
      { value: 60_000n, confirmed: true },
      { value: 50_000n, confirmed: true },
    ]
    const request = { fixed: [], candidates, changeScript: p2wpkh, feeSatsPerKvb: 1_000n }
    const small = selectCoins({ ...request, outputs: [{ value: 100_000n, script: p2wpkh }] })
    expect(small).toMatchObject({ coins: [candidates[1], candidates[2]] })
    const large = selectCoins({ ...request, outputs: [{ value: 130_000n, script: p2wpkh }] })
    expect(large).toMatchObject({ coins: [candidates[0], candidates[1]] })
  })

  it('prefers a coin that needs no change', () => {
    const exact = { value: 10_000n + 110n + 40n, confirmed: true }
    const candidates = [{ value: 900_000n, confirmed: true }, exact, { value: 10_000n, confirmed: true }]
    const outputs = [{ value: 10_000n, script: p2wpkh }]
    expect(selectCoins({ fixed: [], candidates, outputs, changeScript: p2wpkh, feeSatsPerKvb: 1_000n })).toEqual({
      coins: [exact],
      change: 0n,
      fee: 150n,
    })
  })

  it('says how much is there and how much is needed', () => {
    const request = { fixed: [], candidates: [{ value: 1_000n, confirmed: true }], changeScript: p2wpkh }
    const outputs = [{ value: 1_000n, script: p2wpkh }]
    expect(selectCoins({ ...request, outputs, feeSatsPerKvb: 1_000n })).toMatchObject({
      refused: 'insufficient-funds',
      have: 1_000n,
      need: 1_110n,
    })
  })

  it('refuses to make a transaction that nobody relays', () => {
    const candidates = Array.from({ length: MAX_INPUTS + 10 }, () => ({ value: 1_000n, confirmed: true }))
    const outputs = [{ value: BigInt(MAX_INPUTS) * 935n, script: p2wpkh }]
    expect(selectCoins({ fixed: [], candidates, outputs, changeScript: p2wpkh, feeSatsPerKvb: 1_000n })).toMatchObject({
      refused: 'too-many-inputs',
    })
  })

  it('knows Bitcoin Core’s dust limits', () => {
    expect(dustOf({ script: p2wpkh })).toBe(294n)
    expect(dustOf({ script: p2wsh })).toBe(330n)
    expect(dustOf({ script: new Uint8Array(25) })).toBe(546n)
    expect(dustOf({ script: nullData(new Uint8Array(80)) })).toBe(0n)
  })
})
