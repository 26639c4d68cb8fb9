/** Who cannot work without it. `nobody`: it only makes something better. */
export type Need = 'all' | 'publisher' | 'provider' | 'nobody'

/** One thing that was tried, and what to do when it is missing. */
export type Finding = {
  readonly name: string
  readonly ok: boolean
  readonly need: Need
  /** What was found. */
  readonly is: string
  /** What to do; empty when there is nothing to do. */
  readonly next: string
}

export const found = (name: string, need: Need, is: string): Finding => ({ name, ok: true, need, is, next: '' })
export const missing = (name: string, need: Need, is: string, next: string): Finding => ({
  name,
  ok: false,
  need,
  is,
  next,
})

/** @returns who could work with these findings */
export const ableOf = (findings: readonly Finding[]): { readonly publisher: boolean; readonly provider: boolean } => {
  const lacks = (need: Need) => findings.some((finding) => !finding.ok && finding.need === need)
  const all = !lacks('all')
  return { publisher: all && !lacks('publisher'), provider: all && !lacks('provider') }
}
