import { useCommands } from '../../part/equivalents.tsx'
import { saveFile } from '../../part/save.ts'
import { Told } from '../../part/told.tsx'
import { UnknownLease } from '../unknown.tsx'
import { useReplayed } from './follow.ts'
import { logFile } from './log-file.ts'
import { LogView } from './log-view.tsx'

/** The event log of a lease, and the lease at any version of it. */
export const Log = ({ leaseId = '' }: Readonly<Record<string, string>>) => {
  const { facts, replayed } = useReplayed(leaseId)
  const { entries, states } = replayed.value
  useCommands([`zennet lease watch ${leaseId}`, `zennet lease watch ${leaseId} -o jsonl > lease.jsonl`])
  const isThere = facts.isThere.value
  return (
    <>
      <div class="title">
        <h1>Log of a lease</h1>
        <div class="row">
          <a href={`/lease/${leaseId}`}>The lease</a>
          <button
            type="button"
            class="quiet"
            disabled={!isThere || entries.length === 0}
            onClick={() => saveFile(`lease-${leaseId}.jsonl`, 'application/jsonl', logFile(entries))}
          >
            Export
          </button>
          <a href="/replay">Import</a>
        </div>
      </div>
      <p class="faint">
        <code>{leaseId}</code>
      </p>
      {facts.fault.value && <Told told={facts.fault.value} />}
      {!isThere && !facts.fault.value && <p class="loading">Reading its facts…</p>}
      {isThere && entries.length === 0 && <UnknownLease />}
      {isThere && entries.length > 0 && <LogView entries={entries} states={states} isFollowed />}
    </>
  )
}
