import type { Culprit } from '../domain/fault.ts'
import { type EndCode, type FailureCode, reasonOf } from '../domain/lease/ends.ts'

/** Why a lease is over, or never came to be: whose doing it was, in words, and what to do next. */
export type LeaseEnd = {
  readonly code: EndCode | FailureCode
  readonly culprit: Culprit
  readonly why: string
  readonly next: string
  readonly at: number
}

/** The end that a fact tells of, with the advice that belongs to its code. */
export const leaseEnd = (fact: Omit<LeaseEnd, 'next'>): LeaseEnd => ({
  code: fact.code,
  culprit: fact.culprit,
  why: fact.why,
  next: reasonOf(fact.code).next,
  at: fact.at,
})
