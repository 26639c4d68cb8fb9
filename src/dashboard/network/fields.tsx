import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import { Fault, unreachable } from '../api/fault.ts'
import { type Document, graphql } from '../graphql.ts'
import { Told } from '../part/told.tsx'
import { matching, type Root, type RootName, type SchemaField, writtenType } from './schema-field.ts'

const SCHEMA = graphql(`
  # once
  query SchemaFields {
    __schema {
      queryType { ...RootFields }
      mutationType { ...RootFields }
      subscriptionType { ...RootFields }
    }
  }
  fragment RootFields on __Type {
    fields {
      name
      description
      args { name description type { ...Wrapped } }
      type { ...Wrapped }
    }
  }
  fragment Wrapped on __Type {
    kind name ofType { kind name ofType { kind name ofType { kind name } } }
  }
`) as Document

const TITLES: Readonly<Record<RootName, string>> = {
  query: 'Queries',
  mutation: 'Mutations',
  subscription: 'Subscriptions',
}
const ROOTS = Object.keys(TITLES) as RootName[]

type Answer = {
  readonly __schema: Readonly<Record<`${RootName}Type`, { readonly fields: readonly SchemaField[] } | null>>
}

/** Everything that can be asked, from the node's own schema: asked once. */
export const Fields = () => {
  const roots = useSignal<readonly Root[] | undefined>(undefined)
  const fault = useSignal<Fault | undefined>(undefined)
  const typed = useSignal('')
  useEffect(() => {
    ask(SCHEMA, {} as never).then(
      (answer) => {
        const { __schema } = answer as unknown as Answer
        roots.value = ROOTS.map((is) => ({ is, fields: __schema[`${is}Type`]?.fields ?? [] }))
      },
      (error) => {
        fault.value = error instanceof Fault ? error : unreachable()
      },
    )
  }, [])
  return (
    <section class="card">
      <h2>What can be asked</h2>
      {fault.value && <Told told={fault.value} />}
      <label>
        Search
        <input
          type="search"
          autocomplete="off"
          spellcheck={false}
          value={typed}
          onInput={(event) => {
            typed.value = event.currentTarget.value
          }}
        />
      </label>
      {roots.value?.map(({ is, fields }) => (
        <RootFields key={is} title={TITLES[is]} fields={matching(fields, typed.value)} all={fields.length} />
      ))}
    </section>
  )
}

type Given = { readonly title: string; readonly fields: readonly SchemaField[]; readonly all: number }

const RootFields = ({ title, fields, all }: Given) => (
  <details open>
    <summary>
      {title}: <span aria-live="polite">{fields.length === all ? all : `${fields.length} of ${all}`}</span>
    </summary>
    {fields.length === 0 ? (
      <p class="empty">None has these words. Try fewer.</p>
    ) : (
      <ul class="plain">
        {fields.map((field) => (
          <li key={field.name}>
            <code>
              <strong>{field.name}</strong>
              {field.args.length > 0 &&
                `(${field.args.map((arg) => `${arg.name}: ${writtenType(arg.type)}`).join(', ')})`}
              : {writtenType(field.type)}
            </code>
            {field.description !== null && <p class="faint">{field.description}</p>}
          </li>
        ))}
      </ul>
    )}
  </details>
)
