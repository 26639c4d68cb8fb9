/** Who cannot work without it. `nobody`: it only makes something better, or is worth knowing. */
export type Need = 'all' | 'publisher' | 'provider' | 'nobody'

/** Whose doing it is that something is missing. */
export type Blame = 'you' | 'this machine' | 'the node' | 'the chain' | 'nobody'

/** One thing that was tried: what it is for, and when it is missing whose doing that is and what to do. */
export type Finding = {
  readonly name: string
  readonly ok: boolean
  readonly need: Need
  /** What was found. */
  readonly is: string
  /** What that means for a node here; empty when all is well. */
  readonly means: string
  /** `nobody` when all is well. */
  readonly fault: Blame
  /** What to do; empty when there is nothing to do. */
  readonly next: string
}

/** Why something that is missing matters, whose doing it is, and what to do. */
export type Lack = { readonly means: string; readonly fault: Exclude<Blame, 'nobody'>; readonly next: string }

export const found = (name: string, need: Need, is: string): Finding => ({
  ...{ name, ok: true, need, is },
  ...{ means: '', fault: 'nobody', next: '' },
})
export const missing = (name: string, need: Need, is: string, lack: Lack): Finding => ({
  ...{ name, ok: false, need, is },
  ...lack,
})

/** @returns who could work with these findings */
export const ableOf = (findings: readonly Finding[]): { readonly publisher: boolean; readonly provider: boolean } => {
  const lacks = (need: Need) => findings.some((finding) => !finding.ok && finding.need === need)
  const all = !lacks('all')
  return { publisher: all && !lacks('publisher'), provider: all && !lacks('provider') }
}
