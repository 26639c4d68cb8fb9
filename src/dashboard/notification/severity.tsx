const WORDS = {
  CRITICAL: ['bad', '✗ waits for you'],
  WARNING: ['warn', '▲ look at it'],
  INFO: ['', '● good to know'],
} as const

/** How much it matters, in words; the colour only repeats them. */
export const Severity = ({ of }: { readonly of: keyof typeof WORDS }) => {
  const [tone, words] = WORDS[of]
  return <span class={`state ${tone}`}>{words}</span>
}
