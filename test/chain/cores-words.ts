import type { Answer } from './both-nodes.ts'

/** Reasons that Bitcoin Knots words otherwise than Bitcoin Core, which `xencoind` follows. */
const WORDS: readonly { readonly knots: RegExp; readonly core: string }[] = [
  { knots: /"dust-nonanchor"/g, core: '"dust"' },
  // Core's since 30; the mempool's counterpart is in this Knots already.
  { knots: /mandatory-script-verify-flag-failed/g, core: 'block-script-verify-flag-failed' },
  { knots: /\btruc-[a-z-]+/g, core: 'TRUC-violation' },
  { knots: /bad-txns-input-script-unknown/g, core: 'bad-txns-nonstandard-inputs' },
]

/** What the real one of the tests, a Knots, says, as Core would say it. */
export const inCoresWords = (answer: Answer): Answer => {
  let text = JSON.stringify(answer)
  for (const { knots, core } of WORDS) text = text.replaceAll(knots, core)
  return JSON.parse(text) as Answer
}
