import { expect, it } from 'vitest'
import { sentenceOf } from '../../../domain/lease/sentence.ts'
import { leaseFacts } from './sample.ts'

const facts = Object.values(leaseFacts(2))

it('says every fact in words of its own', () => {
  const said = facts.map((fact) => sentenceOf(fact))
  for (const [i, sentence] of said.entries())
    expect([facts[i]!.type, sentence.length > 10]).toEqual([facts[i]!.type, true])
  expect(new Set(said).size).toBe(said.length)
})

it('says what a change is', () => {
  const { 'lease.change-wanted': wanted } = leaseFacts(2)
  const fact = { ...wanted, change: { maxDurationMs: 7_200_000, noticeMs: 60_000 } }
  expect(sentenceOf(fact)).toContain('2h in all, 1m of notice')
})
