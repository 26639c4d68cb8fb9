/** Sats per virtual byte, at most two decimals. */
export const showRate = (rate: number): string => String(Math.round(rate * 100) / 100)

export const Rate = ({ of }: { readonly of: number | null | undefined }) =>
  of == null ? <span class="faint">–</span> : <span class="figure">{showRate(of)} sat/vB</span>
