import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { Fault } from '../api/fault.ts'
import { Action } from '../part/action.tsx'

type Given = {
  readonly label: string
  /** Of the number: `minutes`. */
  readonly unit: string
  readonly start: number
  readonly least: number
  readonly most: number
  /** What it will come to. */
  readonly about: string
  readonly run: (value: number) => Promise<unknown>
}

/** One number and a button that does something with it. */
export const AskedFor = ({ label, unit, start, least, most, about, run }: Given) => {
  const text = useSignal(String(start))
  const id = useId()
  const value = Number(text.value)
  const isGood = Number.isInteger(value) && value >= least && value <= most
  return (
    <div class="asked-for">
      <label for={id}>
        {label}, {unit}
        <input
          id={id}
          inputMode="numeric"
          value={text.value}
          aria-invalid={!isGood}
          aria-describedby={`${id}-about`}
          onInput={(event) => {
            text.value = event.currentTarget.value
          }}
        />
      </label>
      <p class="faint" id={`${id}-about`}>
        {about}
      </p>
      <Action
        label={label}
        isQuiet
        run={() => {
          if (!isGood)
            throw new Fault({
              code: 'dashboard.bad-number',
              message: `${label} takes a whole number of ${unit}, ${least} to ${most}.`,
              culprit: 'you',
              next: 'Change the number.',
            })
          return run(value)
        }}
      />
    </div>
  )
}
