import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { askedNow } from '../api/asked.ts'
import { Copied } from './copied.tsx'

const commands = signal<readonly string[]>([])

/** Says by which commands a terminal shows what this screen shows, for as long as it is shown. */
export const useCommands = (list: readonly string[]): void =>
  useEffect(() => {
    commands.value = list
    return () => {
      commands.value = []
    }
  }, [list.join('\n')])

/** Nothing here is only for people: how to have the same from a terminal or a program. */
export const Equivalents = () => (
  <aside class="equivalents" aria-label="The same without this page">
    <details>
      <summary>The same without this page</summary>
      {commands.value.length > 0 && (
        <>
          <h2>On a terminal</h2>
          <ul class="plain">
            {commands.value.map((command) => (
              <li key={command}>
                <Copied text={command} />
              </li>
            ))}
          </ul>
        </>
      )}
      <h2>By the API</h2>
      {askedNow.value.map(({ text, variables }) => (
        <div key={text}>
          <pre>
            <code>{text}</code>
          </pre>
          <pre>
            <code>{JSON.stringify(variables)}</code>
          </pre>
        </div>
      ))}
      <p>
        <a href="/graphql" data-server target="_blank" rel="noreferrer">
          Try them in GraphiQL
        </a>
      </p>
    </details>
  </aside>
)
