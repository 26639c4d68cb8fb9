import { Sats } from './shown.tsx'

/** A change of coins: what came has a plus before it. */
export const Signed = ({ of }: { readonly of: bigint }) =>
  of > 0n ? (
    <span class="figure">
      +<Sats of={of} />
    </span>
  ) : (
    <span class="figure">
      {of < 0n && '−'}
      <Sats of={of < 0n ? -of : of} />
    </span>
  )
