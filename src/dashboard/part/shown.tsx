import { plainText } from '../../../domain/plain-text.ts'
import { msatToSats, showNumber, showSize, showTime } from '../../../domain/shown.ts'

/** Words of a stranger: shown as text, what cannot be seen escaped, and kept from turning the words around them. */
export const Words = ({ of }: { readonly of: unknown }) => <bdi>{plainText(of)}</bdi>

/** Sats, whole. */
export const Sats = ({ of }: { readonly of: string | bigint | null | undefined }) =>
  of == null ? <span class="faint">–</span> : <span class="figure">{showNumber(of)} sats</span>

/** Msat as sats, rounded up as bills are. */
export const Msat = ({ of }: { readonly of: string | bigint | null | undefined }) =>
  of == null ? <span class="faint">–</span> : <Sats of={msatToSats(of)} />

export const Size = ({ of }: { readonly of: string | number | bigint | null | undefined }) =>
  of == null ? <span class="faint">–</span> : <span class="figure">{showSize(of)}</span>

/** Seconds. */
export const Time = ({ of }: { readonly of: number | null | undefined }) =>
  of == null ? <span class="faint">–</span> : <span class="figure">{showTime(of)}</span>

/** A moment in the person's own time; the exact one by pointing at it. */
export const At = ({ of }: { readonly of: string | null | undefined }) => {
  if (of == null) return <span class="faint">–</span>
  const when = new Date(of)
  return (
    <time dateTime={of} title={of} class="figure">
      {when.toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'medium' })}
    </time>
  )
}

/** A key, a txid, an id: its begin, all of it by pointing at it. */
export const Short = ({ of, to }: { readonly of: string | null | undefined; readonly to?: string }) => {
  if (of == null) return <span class="faint">–</span>
  const text = of.length > 16 ? `${of.slice(0, 12)}…` : of
  return to === undefined ? (
    <code title={of}>{text}</code>
  ) : (
    <a href={to} title={of}>
      <code>{text}</code>
    </a>
  )
}

/** NOT_SO → not so. */
export const said = (name: string): string => name.toLowerCase().replaceAll('_', ' ')

const TONES: Readonly<Record<string, string>> = {
  STANDING: 'good',
  METER: 'good',
  SETTLED: 'done',
  FAILED: 'bad',
  REFUSED: 'bad',
  LAPSED: 'bad',
  REFUNDED: 'bad',
  EXPIRED: 'done',
  WITHDRAWN: 'done',
}

/** A state, in words; the colour only repeats them. */
export const State = ({ of }: { readonly of: string }) => <span class={`state ${TONES[of] ?? ''}`}>{said(of)}</span>
