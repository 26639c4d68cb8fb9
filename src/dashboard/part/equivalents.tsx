import { signal } from '@preact/signals'
import { askedNow } from '../api/asked.ts'
import { Copied } from './copied.tsx'

/** The commands that show on a terminal what the screen shows; set by the screen. */
export const commands = signal<readonly string[]>([])

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
