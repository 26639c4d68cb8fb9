import { useId } from 'preact/hooks'
import type { FieldGiven } from './field.tsx'

/** Who may log in: a key that the node makes and keeps, own keys, or both. */
export const KeyFields = ({ form, set, wrong }: FieldGiven) => {
  const id = useId()
  const hasNone = !form.keepKey && form.keys.trim() === ''
  const why = hasNone ? 'Nobody could log in: let the node keep a key, or paste one.' : wrong.keys
  return (
    <fieldset>
      <legend>Who may log in</legend>
      <label class="choice">
        <input
          type="checkbox"
          checked={form.keepKey}
          onChange={(event) => set({ keepKey: event.currentTarget.checked })}
        />
        Let the node keep a key while the lease lasts: for the terminal in this page and zennet lease ssh
      </label>
      <label>
        Own public keys <span class="faint">one a line, as in ~/.ssh/id_ed25519.pub</span>
        <textarea
          rows={3}
          spellcheck={false}
          value={form.keys}
          aria-invalid={why !== undefined}
          aria-describedby={why === undefined ? undefined : id}
          onInput={(event) => set({ keys: event.currentTarget.value })}
        />
        {why !== undefined && (
          <span class="wrong" id={id}>
            ✗ {why}
          </span>
        )}
      </label>
    </fieldset>
  )
}
