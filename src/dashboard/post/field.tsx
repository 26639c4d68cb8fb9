import { useId } from 'preact/hooks'
import type { Form } from './form.ts'

type TextField = Exclude<keyof Form, 'keepKey' | 'isolation' | 'network'>

export type FieldGiven = {
  readonly form: Form
  readonly set: (changes: Partial<Form>) => void
  /** What the node says is wrong with a field. */
  readonly wrong: Readonly<Partial<Record<keyof Form, string>>>
}

type Given = FieldGiven & {
  readonly name: TextField
  readonly label: string
  readonly hint?: string
  readonly type?: 'number' | 'text'
  readonly min?: number
  readonly max?: number
  readonly step?: number | 'any'
  readonly isNeeded?: boolean
  readonly maxLength?: number
  readonly placeholder?: string
}

/** One field with what is wrong with it, as the browser and the node see it. */
export const Field = ({ form, set, wrong, name, label, hint, isNeeded, type = 'number', ...limits }: Given) => {
  const id = useId()
  const why = wrong[name]
  return (
    <label>
      {label} {hint !== undefined && <span class="faint">{hint}</span>}
      <input
        // Both take the limits; the types of an input's kinds are told apart.
        type={type as 'number'}
        name={name}
        value={form[name]}
        required={isNeeded ?? false}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={why !== undefined}
        aria-describedby={why === undefined ? undefined : id}
        onInput={(event) => set({ [name]: event.currentTarget.value })}
        {...limits}
      />
      {why !== undefined && (
        <span class="wrong" id={id}>
          ✗ {why}
        </span>
      )}
    </label>
  )
}
