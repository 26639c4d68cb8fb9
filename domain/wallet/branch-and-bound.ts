/** Choices looked at before the search gives up: some milliseconds. */
export const MAX_TRIES = 20_000

/** `effective`: what a coin adds to a payment, its value less the fee of its input. Both in msat. */
export type Weighed = { readonly value: bigint; readonly effective: bigint }

type Frame = { readonly at: number; readonly chosen: readonly number[]; readonly total: bigint; readonly value: bigint }

/**
 * The set of coins that comes to at least `target` and less than `limit`, so that nothing need come back; of those, the one with the
 * least value, hence the least fee (after Bitcoin Core's `SelectCoinsBnB`).
 *
 * @param coins by falling effective value; those that cost more than they add are left alone
 * @returns undefined when there is no such set, or none was found within `MAX_TRIES`
 */
export const branchAndBound = <C extends Weighed>(
  coins: readonly C[],
  target: bigint,
  limit: bigint,
): readonly C[] | undefined => {
  const useful = coins.filter(({ effective }) => effective > 0n)
  const restFrom = new Array<bigint>(useful.length + 1).fill(0n)
  for (let i = useful.length - 1; i >= 0; i--) restFrom[i] = restFrom[i + 1]! + useful[i]!.effective
  let best: Frame | undefined
  const stack: Frame[] = [{ at: 0, chosen: [], total: 0n, value: 0n }]
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const frame = stack.pop()
    if (frame === undefined) break
    const { at, chosen, total, value } = frame
    if (total >= limit || (best !== undefined && value >= best.value)) continue
    if (total >= target) {
      best = frame
      continue
    }
    const coin = useful[at]
    if (coin === undefined || total + restFrom[at]! < target) continue
    // Without this coin, its equals are no better: they are passed over at once.
    let next = at + 1
    while (useful[next]?.effective === coin.effective && useful[next]?.value === coin.value) next++
    stack.push({ at: next, chosen, total, value })
    stack.push({
      at: at + 1,
      chosen: [...chosen, at],
      total: total + coin.effective,
      value: value + coin.value,
    })
  }
  return best?.chosen.map((index) => useful[index]!)
}
