import { describe, it } from 'vitest'
import { claim } from '../../../domain/claim/claim.ts'
import type { ClaimFact } from '../../../domain/claim/facts.ts'
import { given } from '../../specification.ts'

const taken = (owner: string): ClaimFact => ({ type: 'claim.taken', at: 1, owner, ttlMs: 1_000 })
const released = (owner: string): ClaimFact => ({ type: 'claim.released', at: 2, owner })
const take = (owner: string, over?: number) =>
  ({ kind: 'take', at: 3, owner, ttlMs: 1_000, ...(over === undefined ? {} : { over }) }) as const
const release = (owner: string) => ({ kind: 'release', at: 3, owner }) as const

describe('a claim', () => {
  it('is had by whoever takes it when it is free', () => {
    given(claim)
      .when(take('a'))
      .yields({ ...taken('a'), at: 3 })
    given(claim, taken('a'), released('a'))
      .when(take('b'))
      .yields({ ...taken('b'), at: 3 })
  })
  it('is had by one', () => given(claim, taken('a')).when(take('b')).refuses('held'))
  it('is taken over from the term that was silent', () =>
    given(claim, taken('a'))
      .when(take('b', 1))
      .yields({ ...taken('b'), at: 3 }))
  it('is not taken over from a later term, even of the same owner', () => {
    given(claim, taken('a'), released('a'), taken('a')).when(take('b', 1)).refuses('held')
    given(claim, taken('a'), taken('c')).when(take('b', 1)).refuses('held')
  })
  it('changes nothing for its owner', () => given(claim, taken('a')).when(take('a')).changesNothing())
  it('is released by its owner alone, once', () => {
    given(claim, taken('a'))
      .when(release('a'))
      .yields({ ...released('a'), at: 3 })
    given(claim, taken('a')).when(release('b')).changesNothing()
    given(claim, taken('a'), released('a')).when(release('a')).changesNothing()
  })
})
