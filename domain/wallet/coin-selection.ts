import type { TxOutput } from '../chain/transaction.ts'
import type { Refusal } from '../fact.ts'
import { branchAndBound } from './branch-and-bound.ts'
import { dustOf } from './dust.ts'
import { knapsack } from './knapsack.ts'
import { feeFor, sizeOf } from './size.ts'

/** Above this a transaction gets too large to be relayed (100 kvB). */
export const MAX_INPUTS = 1_000

export type Candidate = { readonly value: bigint; readonly confirmed: boolean }

export type SelectionRequest<C extends Candidate> = {
  /** Used in any case, and first. */
  readonly fixed: readonly C[]
  readonly candidates: readonly C[]
  readonly outputs: readonly TxOutput[]
  readonly changeScript: Uint8Array
  readonly feeSatsPerKvb: bigint
}

/** `change` is 0 when there is no such output: what is too little for one goes to the fee. inputs = outputs + change + fee. */
export type Selection<C extends Candidate> = {
  readonly coins: readonly C[]
  readonly change: bigint
  readonly fee: bigint
}

export type InsufficientFunds = Refusal<'insufficient-funds'> & { readonly have: bigint; readonly need: bigint }

/**
 * Picks coins: a set that needs no change when there is one, with the least fee (branch and bound); else one that leaves little change
 * (knapsack); else the largest first, which needs the fewest. Unconfirmed coins only when the confirmed ones do not do. Without
 * outputs, all goes to the change output.
 */
export const selectCoins = <C extends Candidate>(
  request: SelectionRequest<C>,
): Selection<C> | InsufficientFunds | Refusal<'too-many-inputs'> => {
  const largestFirst = [...request.candidates].sort((a, b) => (a.value < b.value ? 1 : a.value > b.value ? -1 : 0))
  const confirmed = largestFirst.filter((coin) => coin.confirmed)
  const room = MAX_INPUTS - request.fixed.length
  const fixedAlone = request.fixed.length === 0 ? undefined : settle(request, request.fixed)
  if (fixedAlone !== undefined) return fixedAlone
  for (const pool of [confirmed, largestFirst]) {
    const found = combined(request, pool, room) ?? accumulate(request, pool.slice(0, room))
    if (found !== undefined) return found
  }
  const all = [...request.fixed, ...largestFirst]
  const have = sum(all)
  const need = sum(request.outputs) + feeFor(sizeOf(Math.max(1, all.length), request.outputs), request.feeSatsPerKvb)
  if (all.length > MAX_INPUTS && have >= need)
    return { refused: 'too-many-inputs', why: `the coins are so small that more than ${MAX_INPUTS} are needed` }
  return { refused: 'insufficient-funds', why: `${have} sats can be spent, ${need} are needed`, have, need }
}

/** What branch and bound finds, or the knapsack. Reckoned in msat, as if inputs and outputs were few, and settled exactly. */
const combined = <C extends Candidate>(
  request: SelectionRequest<C>,
  pool: readonly C[],
  room: number,
): Selection<C> | undefined => {
  const { fixed, outputs, changeScript, feeSatsPerKvb } = request
  const cost = (vsize: number): bigint => BigInt(vsize) * feeSatsPerKvb
  const inputCost = cost(sizeOf(2, outputs) - sizeOf(1, outputs))
  const weigh = (coin: C) => ({ coin, value: coin.value * 1000n, effective: coin.value * 1000n - inputCost })
  const change = { value: 0n, script: changeScript }
  const alone = sum(outputs) * 1000n + cost(sizeOf(fixed.length, outputs)) - sum(fixed) * 1000n
  const changeCost = cost(sizeOf(1, [...outputs, change]) - sizeOf(1, outputs)) + dustOf(change) * 1000n
  const weighed = pool.map(weigh)
  const settled = (found: readonly { readonly coin: C }[] | undefined) =>
    found === undefined || found.length === 0 || found.length > room
      ? undefined
      : settle(request, [...fixed, ...found.map(({ coin }) => coin)])
  const exact = outputs.length === 0 ? undefined : branchAndBound(weighed, alone, alone + changeCost)
  return settled(exact) ?? settled(knapsack(weighed, alone + changeCost))
}

const accumulate = <C extends Candidate>(
  request: SelectionRequest<C>,
  pool: readonly C[],
): Selection<C> | undefined => {
  const coins: C[] = [...request.fixed]
  for (let next = 0; ; next++) {
    const selection = coins.length === 0 ? undefined : settle(request, coins)
    if (selection !== undefined) return selection
    const coin = pool[next]
    if (coin === undefined) return undefined
    coins.push(coin)
  }
}

/** Fee and change when exactly these coins are spent; undefined when they are not enough. */
const settle = <C extends Candidate>(
  { outputs, changeScript, feeSatsPerKvb }: SelectionRequest<C>,
  coins: readonly C[],
): Selection<C> | undefined => {
  const left = sum(coins) - sum(outputs)
  const changeOutput = { value: 0n, script: changeScript }
  const fee = feeFor(sizeOf(coins.length, [...outputs, changeOutput]), feeSatsPerKvb)
  if (left - fee >= dustOf(changeOutput)) return { coins, change: left - fee, fee }
  if (outputs.length === 0 || left < feeFor(sizeOf(coins.length, outputs), feeSatsPerKvb)) return undefined
  return { coins, change: 0n, fee: left }
}

const sum = (parts: readonly { readonly value: bigint }[]): bigint =>
  parts.reduce((total, part) => total + part.value, 0n)
