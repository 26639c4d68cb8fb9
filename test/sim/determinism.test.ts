import { expect, it } from 'vitest'
import { runCrowd } from './crowd.ts'
import { planOf } from './plan.ts'
import { runPlan } from './shrink.ts'

it.each(['1', '2', '5', 'any text'])('the same happens each time that seed %s is run', async (seed) => {
  const [first, again] = [await runPlan(planOf({ seed })), await runPlan(planOf({ seed }))]
  expect(again).toEqual(first)
  expect(first.violation).toBeUndefined()
})

it('another seed is another world', async () => {
  const [one, other] = [await runPlan(planOf({ seed: '1' })), await runPlan(planOf({ seed: '2' }))]
  expect(one.hash).not.toBe(other.hash)
})

it('a seed is the same world in any thread', async () => {
  const seeds = Array.from({ length: 10 }, (_, i) => String(i))
  const hashes = async (threads: number) => {
    const found = new Map<string, string>()
    await runCrowd({}, seeds, threads, ({ seed, hash }) => found.set(seed, hash))
    return seeds.map((seed) => found.get(seed))
  }
  expect(await hashes(2)).toEqual(await hashes(1))
})
