import { At, Words } from '../part/shown.tsx'
import { Severity } from './severity.tsx'
import { pageOf, titleOf } from './words.ts'

export type Alert = {
  readonly kind: string
  readonly severity: 'CRITICAL' | 'WARNING' | 'INFO'
  readonly subjectKind: string | null
  readonly subjectId: string | null
  readonly code: string | null
  readonly next: string
  readonly dueAt: string | null
}

/** What holds now and a person should look at; nothing is shown when there is nothing. */
export const Alerts = ({ of }: { readonly of: readonly Alert[] }) =>
  of.length === 0 ? null : (
    <section class="note" aria-live="polite">
      <h2>Now</h2>
      <ul class="plain">
        {of.map((alert) => {
          const page = pageOf(alert)
          return (
            <li key={`${alert.kind} ${alert.subjectId}`}>
              <Severity of={alert.severity} />{' '}
              <strong>{page === undefined ? titleOf(alert) : <a href={page}>{titleOf(alert)}</a>}</strong>
              {alert.dueAt !== null && (
                <>
                  {' '}
                  at <At of={alert.dueAt} />
                </>
              )}
              . <Words of={alert.next} />
              {alert.code !== null && (
                <>
                  {' '}
                  <code>{alert.code}</code>
                </>
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
