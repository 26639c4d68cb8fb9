import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { virtualSize } from '../../domain/chain/codec.ts'
import { skipWithoutBitcoind, whyNoBitcoind } from '../bitcoind/bitcoind.ts'
import { type BothNodes, openBothNodes } from './both-nodes.ts'
import { coinOf, key, type OwnCoin, spend } from './coins.ts'
import { coinbaseAt } from './fresh-node.ts'

const alice = key(1)
const FAMILIES = 12
const MEMBERS = 60

describe.skipIf(skipWithoutBitcoind)(`what goes into the next block ${whyNoBitcoind}`, () => {
  let both: BothNodes
  beforeAll(async () => {
    both = await openBothNodes()
    await both.mine(100 + FAMILIES * 5, alice.script)
  })
  afterAll(() => both?.close())

  const chosen = async (ask: BothNodes['ours']): Promise<string[]> => {
    const { result } = (await ask('getblocktemplate', [{ rules: ['segwit'] }])) as {
      result: { transactions: { txid: string }[] }
    }
    return result.transactions.map(({ txid }) => txid)
  }

  it('is what a real bitcoind takes, in its order, of families that pay more and less', async () => {
    const seed = 20_261
    let height = 1
    for (const choices of fc.sample(
      fc.array(
        fc.record({
          parents: fc.array(fc.nat(), { minLength: 1, maxLength: 2 }),
          children: fc.integer({ min: 1, max: 3 }),
          rate: fc.integer({ min: 2, max: 500 }),
        }),
        { minLength: MEMBERS, maxLength: MEMBERS },
      ),
      { seed, numRuns: 4 },
    )) {
      const coins: OwnCoin[] = []
      for (let i = 0; i < FAMILIES; i++) coins.push(coinOf(await coinbaseAt(both.node, height++), 0, alice))
      for (const [index, { parents, children, rate }] of choices.entries()) {
        const from = [...new Set(parents.map((parent) => coins.splice(parent % coins.length, 1)[0]!))].filter(Boolean)
        const value = from.reduce((sum, coin) => sum + coin.value, 0n)
        // Of every size, and no two pay quite alike.
        const paying = (fee: bigint) => {
          const each = (value - fee) / BigInt(children)
          const to = Array.from({ length: children }, (_, i) => ({
            value: i === 0 ? value - fee - each * BigInt(children - 1) : each,
            script: alice.script,
          }))
          return spend({ from, to })
        }
        const fee = BigInt(virtualSize(paying(0n)) * rate + index)
        const tx = paying(fee)
        const said = await both.send(tx)
        expect(said.ours).toEqual(said.theirs)
        const taken = 'result' in said.ours
        if (taken) coins.push(...tx.outputs.map((_, vout) => coinOf(tx, vout, alice)))
        else coins.push(...from)
      }
      const ours = await chosen(both.ours)
      expect(ours.length).toBeGreaterThan(MEMBERS / 2)
      expect(ours).toEqual(await chosen(both.theirs))
      await both.mine(1, alice.script)
    }
  })
})
