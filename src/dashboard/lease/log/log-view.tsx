import type { LeaseState } from '../../../../domain/lease/lease.ts'
import { sentenceOf } from '../../../../domain/lease/sentence.ts'
import { plainJson } from '../../../../domain/plain-text.ts'
import { Words } from '../../part/shown.tsx'
import { parameters } from '../../route.ts'
import { Statechart } from '../chart/statechart.tsx'
import type { Entry } from '../entry.ts'
import { UsagePlots } from '../use/usage-plots.tsx'
import { FactList } from './fact-list.tsx'
import { Figures } from './figures.tsx'
import { goTo, Travel, versionOf } from './travel.tsx'
import './log.css'

type Given = {
  readonly entries: readonly Entry[]
  /** One more than the entries. */
  readonly states: readonly LeaseState[]
  /** More facts may come. */
  readonly isFollowed: boolean
}

/** A lease at any version of its log: chart, figures and plots as they were after that fact. */
export const LogView = ({ entries, states, isFollowed }: Given) => {
  const most = entries.length
  const at = versionOf(parameters.value.get('at'), most)
  const isNewest = at === most && parameters.value.get('at') === null
  const state = states[at]!
  const entry = entries[at - 1]
  return (
    <>
      <section class="card">
        <Travel most={most} at={at} isLive={isNewest} />
        <div class="two">
          <div aria-live="polite">
            <h2>Fact {at}</h2>
            {entry === undefined ? (
              <p>Nothing has happened yet.</p>
            ) : (
              <>
                <p>
                  <code>{entry.fact.type}</code> <Words of={sentenceOf(entry.fact)} />
                </p>
                <details>
                  <summary>As JSON</summary>
                  <pre>
                    <code>{plainJson(entry.fact, 2)}</code>
                  </pre>
                </details>
              </>
            )}
          </div>
          <div>
            <h2>After it</h2>
            <Figures state={state} />
          </div>
        </div>
      </section>
      <section class="card">
        <h2>The chart at version {at}</h2>
        <Statechart entries={entries} states={states} at={at} isLive={isFollowed && isNewest} />
      </section>
      <section class="card">
        <h2>Use and cost until then</h2>
        <UsagePlots entries={entries} at={at} isProvider={state.context.side === 'provider'} />
      </section>
      <FactList entries={entries} at={at} choose={(version) => goTo(version, most)} />
    </>
  )
}
