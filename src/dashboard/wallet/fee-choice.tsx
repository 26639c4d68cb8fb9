import type { Signal } from '@preact/signals'
import { showRate } from '../chain/rate.tsx'

/** What to pay for a place in a block: to be in one of so many, or so much a virtual byte. */
export type Choice = { readonly targetBlocks: number } | { readonly feeRate: number }

export const TARGETS = [1, 6, 144] as const
const WORDS: Readonly<Record<number, string>> = {
  1: 'in the next block',
  6: 'within six blocks',
  144: 'within a day of blocks',
}
/** As the node takes it, sat/vB. */
const MOST_RATE = 1_000

/** A rate that somebody typed; undefined: it is none. */
export const rateOf = (typed: string): number | undefined => {
  const rate = Number(typed)
  return typed.trim() !== '' && rate >= 1 && rate <= MOST_RATE ? rate : undefined
}

type Given = {
  /** A target, or the text of the person's own rate. */
  readonly of: Signal<{ readonly target: number } | { readonly own: string }>
  readonly estimates: readonly { readonly targetBlocks: number; readonly feeRate: number | null }[]
  /** Names the group of buttons: a screen may have two. */
  readonly name: string
}

/** The choice of a form; undefined while the own rate is none. */
export const choiceOf = (of: { readonly target: number } | { readonly own: string }): Choice | undefined => {
  if ('target' in of) return { targetBlocks: of.target }
  const feeRate = rateOf(of.own)
  return feeRate === undefined ? undefined : { feeRate }
}

export const FeeChoice = ({ of, estimates, name }: Given) => {
  const now = of.value
  const own = 'own' in now ? now.own : undefined
  return (
    <fieldset class="fees-choice">
      <legend>Fee: how soon?</legend>
      {TARGETS.map((target) => {
        const rate = estimates.find(({ targetBlocks }) => targetBlocks === target)?.feeRate
        return (
          <label class="choice" key={target}>
            <input
              type="radio"
              name={name}
              checked={'target' in now && now.target === target}
              onChange={() => {
                of.value = { target }
              }}
            />
            <span>
              {WORDS[target]}{' '}
              <span class="faint figure">{rate == null ? 'no estimate' : `about ${showRate(rate)} sat/vB`}</span>
            </span>
          </label>
        )
      })}
      <label class="choice">
        <input
          type="radio"
          name={name}
          checked={own !== undefined}
          onChange={() => {
            of.value = { own: '2' }
          }}
        />
        my own rate
      </label>
      {own !== undefined && (
        <label>
          Sats per virtual byte
          <input
            inputMode="decimal"
            value={own}
            aria-invalid={rateOf(own) === undefined}
            onInput={(event) => {
              of.value = { own: event.currentTarget.value }
            }}
          />
          {rateOf(own) === undefined && <span class="wrong">A number from 1 to {MOST_RATE}.</span>}
        </label>
      )}
    </fieldset>
  )
}
