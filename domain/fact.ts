/**
 * Something that has happened. `type` is past tense and dotted (`lease.agreed`);
 * `at` is the wall clock in Unix milliseconds, read once at the edge.
 */
export type Fact = { readonly type: string; readonly at: number }

/** The rules say no: returned, never thrown. `refused` is a code of a closed union per stream. */
export type Refusal<Code extends string = string> = { readonly refused: Code; readonly why: string }

export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && 'refused' in value
