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

/** So few that all sets can be looked at; small amounts, so that some fit. */
const requestsOfFew: fc.Arbitrary<SelectionRequest<Coin>> = fc.record({
  fixed: fc.constant([]),
  candidates: fc.array(fc.record({ value: fc.bigInt(100n, 60_000n), confirmed: fc.boolean() }), { maxLength: 9 }),
  outputs: fc.array(fc.record({ value: fc.bigInt(330n, 60_000n), script: fc.constant(p2wpkh) }), {
    minLength: 1,
    maxLength: 2,
  }),
  changeScript: fc.constant(p2wpkh),
  feeSatsPerKvb: fc.bigInt(1_000n, 20_000n),
})
/** A coin that costs more than it adds only burns what would be change. */
const isUseful = (feeSatsPerKvb: bigint) => (coin: Coin) => coin.value * 1000n > 68n * feeSatsPerKvb
const subsets = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: 2 ** all.length - 1 }, (_, i) => all.filter((_each, at) => ((i + 1) >> at) % 2 === 1))

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

  it('needs no change whenever some set of coins does not, and then pays the least fee', () => {
    let changeless = 0
    fc.assert(
      fc.property(requestsOfFew, (request) => {
        const coins = request.candidates
        const pool = coins.filter(({ confirmed }) => confirmed)
        const fees = subsets(pool).flatMap((chosen) => {
          const { outputs, feeSatsPerKvb } = request
          const left = sum(chosen) - sum(outputs)
          const without = feeFor(sizeOf(chosen.length, outputs), feeSatsPerKvb)
          const change = { value: 0n, script: p2wpkh }
          const withChange = feeFor(sizeOf(chosen.length, [...outputs, change]), feeSatsPerKvb)
          return chosen.every(isUseful(feeSatsPerKvb)) && left >= without && left - withChange < dustOf(change)
            ? [left]
            : []
        })
        if (fees.length === 0) return
        changeless++
        const selection = selectCoins(request)
        expect(selection).toMatchObject({ change: 0n, fee: fees.toSorted((a, b) => Number(a - b))[0] })
      }),
      { numRuns: 600 },
    )
    expect(changeless).toBeGreaterThan(10)
  })

  it('uses no coin that it could do without', () => {
    fc.assert(
      fc.property(requestsOfFew, (request) => {
        const selection = selectCoins(request)
        if (isRefusal(selection) || selection.coins.length < 2) return
        const { outputs, feeSatsPerKvb } = request
        for (const each of selection.coins) {
          if (!isUseful(feeSatsPerKvb)(each)) continue
          const rest = selection.coins.filter((coin) => coin !== each)
          const withChange = sizeOf(rest.length, [...outputs, { value: 0n, script: p2wpkh }])
          const need = sum(outputs) + feeFor(withChange, feeSatsPerKvb) + dustOf({ script: p2wpkh })
          expect(sum(rest)).toBeLessThan(need)
        }
      }),
      { numRuns: 600 },
    )
  })

  it('leaves about as little change as any set of coins does', () => {
    let best = 0
    let all = 0
    fc.assert(
      fc.property(requestsOfFew, (request) => {
        const selection = selectCoins(request)
        if (isRefusal(selection) || selection.change === 0n || selection.coins.some(({ confirmed }) => !confirmed))
          return
        const { outputs, feeSatsPerKvb } = request
        const changes = subsets(request.candidates.filter(({ confirmed }) => confirmed)).flatMap((chosen) => {
          const size = sizeOf(chosen.length, [...outputs, { value: 0n, script: p2wpkh }])
          const change = sum(chosen) - sum(outputs) - feeFor(size, feeSatsPerKvb)
          return chosen.every(isUseful(feeSatsPerKvb)) && change >= dustOf({ script: p2wpkh }) ? [change] : []
        })
        all++
        if (changes.every((change) => change >= selection.change)) best++
      }),
      { numRuns: 600, seed: 20_260_101 },
    )
    expect(all).toBeGreaterThan(100)
    expect(best / all).toBeGreaterThan(0.95)
  })

  it('is quick in a wallet of very many coins, and gives up on none that it can pay', () => {
    const candidates = Array.from({ length: 20_000 }, (_, i) => ({
      value: 5_000n + BigInt((i * 7_919) % 90_000),
      confirmed: true,
    }))
    for (const value of [4_000n, 94_321n, 1_234_567n, 50_000_000n]) {
      const outputs = [{ value, script: p2wpkh }]
      const selection = selectCoins({ fixed: [], candidates, outputs, changeScript: p2wpkh, feeSatsPerKvb: 2_000n })
      expect(isRefusal(selection)).toBe(false)
    }
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
    expect(large).toMatchObject({ coins: [candidates[0], candidates[2]] })
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
