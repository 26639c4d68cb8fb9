import { parameters, setParameters } from '../route.ts'

type Given = {
  readonly name: string
  readonly label: string
  /** What each value is called; the first is meant when nothing is said. */
  readonly choices: Readonly<Record<string, string>>
}

/** A filter that stands in the address line. */
export const Choice = ({ name, label, choices }: Given) => (
  <label>
    {label}
    <select
      value={parameters.value.get(name) ?? Object.keys(choices)[0]}
      onChange={(event) => setParameters({ [name]: event.currentTarget.value })}
    >
      {Object.entries(choices).map(([value, words]) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
    </select>
  </label>
)

/** What such a filter stands at; the first of `values` when the address names none of them. */
export const chosen = <T extends string>(name: string, values: readonly T[]): T => {
  const given = parameters.value.get(name)
  return values.find((value) => value === given) ?? values[0]!
}
