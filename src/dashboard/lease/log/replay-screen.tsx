import { useSignal } from '@preact/signals'
import type { LeaseState } from '../../../../domain/lease/lease.ts'
import { ChosenFile } from '../../part/chosen-file.tsx'
import { Words } from '../../part/shown.tsx'
import { setParameters } from '../../route.ts'
import type { Entry } from '../entry.ts'
import { LOG_FILE_MAX_BYTES, parseLogFile } from './log-file.ts'
import { LogView } from './log-view.tsx'
import { openReplay } from './replay.ts'
import './log.css'

type Imported = { readonly name: string; readonly entries: readonly Entry[]; readonly states: readonly LeaseState[] }

/** The log of a lease out of a file, from any node: nothing of it is this node's, and nothing is asked of a node. */
export const ReplayScreen = () => {
  const imported = useSignal<Imported | undefined>(undefined)
  const take = (text: string, name: string): void => {
    imported.value = undefined
    const entries = parseLogFile(text)
    setParameters({ at: '' })
    imported.value = { name, entries, states: openReplay().statesOf(entries) }
  }
  return (
    <>
      <div class="title">
        <h1>A log from a file</h1>
      </div>
      <section class="card">
        <ChosenFile label="A file that the page of a lease exported" maxBytes={LOG_FILE_MAX_BYTES} take={take} />
      </section>
      {imported.value === undefined ? (
        <p class="empty">Export one on the page of a lease’s log, here or on another node, and open it here.</p>
      ) : (
        <>
          <p class="note">
            <strong>Imported</strong> from <Words of={imported.value.name} />: {imported.value.entries.length} facts of
            lease <code>{imported.value.states.at(-1)?.context.leaseId}</code>, as the{' '}
            {imported.value.states.at(-1)?.context.side} wrote them. Every fact is one that the chart allows there; that
            it happened is the word of who gave you the file.
          </p>
          <LogView entries={imported.value.entries} states={imported.value.states} isFollowed={false} />
        </>
      )}
    </>
  )
}
