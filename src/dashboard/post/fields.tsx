import { Field, type FieldGiven } from './field.tsx'
import { KeyFields } from './key-fields.tsx'

/** What is wanted, at which price, and who may log in. */
export const Fields = (given: FieldGiven) => (
  <>
    <div class="fields">
      <Field {...given} name="label" label="Label" hint="public" type="text" maxLength={80} />
      <Field {...given} name="count" label="Machines" min={1} max={1_000} isNeeded />
      <Field {...given} name="cpu" label="Cores" min={0.01} max={256} step="any" isNeeded />
      <Field {...given} name="memoryMiB" label="Memory, MiB" min={4} isNeeded />
      <Field {...given} name="diskMiB" label="Disk, MiB" min={1} isNeeded />
      <Field {...given} name="minutes" label="For at most, minutes" min={1} step="any" isNeeded />
      <Field {...given} name="maxHourlySats" label="At most, sats an hour" hint="of full use" min={1} isNeeded />
      <Field {...given} name="image" label="Image" type="text" maxLength={255} placeholder="zennet/busybox:1" />
    </div>
    <KeyFields {...given} />
    <details>
      <summary>More</summary>
      <div class="fields">
        <Choice
          {...given}
          name="isolation"
          label="Kept apart at least by"
          choices={{ NONE: 'anything', NAMESPACE: 'namespaces', CONTAINER: 'a container', VM: 'a virtual machine' }}
        />
        <Choice
          {...given}
          name="network"
          label="Network"
          choices={{ NONE: 'none but the shell', BRIDGE: 'the internet' }}
        />
        <Field
          {...given}
          name="minAvailability"
          label="Was there, % of 30 days"
          hint="empty: any"
          min={0}
          max={100}
          step="any"
        />
        <Field {...given} name="waitSeconds" label="Give up after, seconds" hint="empty: at its expiry" min={1} />
        <Field {...given} name="expiryBlocks" label="Stands for, blocks" min={1} placeholder="144" />
        <Field {...given} name="budgetSats" label="Locked for each, sats" hint="empty: the whole" min={1_000} />
        <Field {...given} name="mostSats" label="Topped up to, sats" hint="empty: never" min={1_000} />
        <Field {...given} name="renewUpToMinutes" label="Made longer up to, minutes" hint="empty: never" min={1} />
        <Field {...given} name="noticeSeconds" label="Notice by the provider, seconds" hint="empty: none" min={0} />
        <Field {...given} name="maxPauseMinutes" label="Longest pause, minutes" min={0} placeholder="60" />
        <Field {...given} name="dataGraceSeconds" label="Files kept after the end, seconds" min={0} placeholder="10" />
        <Field {...given} name="pids" label="Processes" min={4} placeholder="256" />
      </div>
    </details>
  </>
)

type ChoiceGiven<Name extends 'isolation' | 'network'> = FieldGiven & {
  readonly name: Name
  readonly label: string
  readonly choices: Readonly<Record<FieldGiven['form'][Name], string>>
}

const Choice = <Name extends 'isolation' | 'network'>({ form, set, name, label, choices }: ChoiceGiven<Name>) => (
  <label>
    {label}
    <select name={name} value={form[name]} onChange={(event) => set({ [name]: event.currentTarget.value })}>
      {Object.entries(choices).map(([value, words]) => (
        <option key={value} value={value}>
          {words as string}
        </option>
      ))}
    </select>
  </label>
)
