import type { LeaseFact } from '../../../domain/lease/facts.ts'

/** A fact in its place of the lease's stream: 1 for the first. */
export type Entry = { readonly version: number; readonly fact: LeaseFact }
