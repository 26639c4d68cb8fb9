import { ask, doneOf } from '../api/ask.ts'
import { useLive } from '../api/live.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { Action } from '../part/action.tsx'
import { Words } from '../part/shown.tsx'
import { Table } from '../part/table.tsx'
import { Told } from '../part/told.tsx'
import { useEvery } from './every.ts'
import { judgeTables } from './judgement.ts'
import { VerdictCard } from './verdict-card.tsx'

const TABLES = graphql(`
  query TablesNow {
    status { position }
    projections {
      name version position lagFacts lagSeconds readable outdated
      stopped { code why position retrying since }
      building { percent leftSeconds position stopped { code why position retrying since } }
    }
  }
`)

const REBUILD = graphql(`
  mutation RebuildTable($input: ProjectionInput!) {
    rebuildProjection(input: $input) {
      __typename
      ... on Problem { code message culprit next }
    }
  }
`)

const REPLAY = graphql(`
  mutation ReplayTable($input: ProjectionInput!) {
    replayProjection(input: $input) {
      __typename
      ... on Problem { code message culprit next }
    }
  }
`)

type Row = ResultOf<typeof TABLES>['projections'][number]

const EVERY_MS = 3_000

/** The tables that lists are read from. `head`: of the log, which has to be known before they are behind it. */
export const Tables = ({ head }: { readonly head: string }) => {
  const live = useLive(TABLES, {}, [])
  useEvery(EVERY_MS, () => live.again())
  const data = live.data.value
  if (data === undefined) return live.fault.value ? <Told told={live.fault.value} /> : null
  return (
    <VerdictCard title="Tables" of={judgeTables(data.projections)}>
      <Table
        label="Tables of the read model"
        head={['Table', 'State', 'Up to', 'Behind', 'Do']}
        rows={data.projections}
        keyOf={({ name }) => name}
        empty="There is none."
      >
        {(row) => [
          <code>{row.name}</code>,
          <TableState of={row} />,
          <span class="figure">
            {row.position} of {head}
          </span>,
          <span class="figure">
            {row.lagFacts === 0 ? '–' : `${row.lagFacts} facts, ${Math.round(row.lagSeconds)} s`}
          </span>,
          <TableActions of={row} again={live.again} />,
        ]}
      </Table>
    </VerdictCard>
  )
}

const TableState = ({ of }: { readonly of: Row }) => {
  const stopped = of.stopped ?? of.building?.stopped
  if (stopped)
    return (
      <span>
        <span class="state bad">{stopped.retrying ? 'stopped, tries again' : 'stopped'}</span> at{' '}
        <span class="figure">{stopped.position}</span>: <code>{stopped.code}</code>{' '}
        <span class="clip">
          <Words of={stopped.why} />
        </span>
      </span>
    )
  if (of.building)
    return (
      <span class="figure">
        is built anew: {of.building.percent} %
        {of.building.leftSeconds !== null && `, ${Math.ceil(of.building.leftSeconds)} s left`}
      </span>
    )
  return of.readable ? (
    <span class="state good">{of.outdated ? 'of an earlier version' : 'current'}</span>
  ) : (
    <span>empty</span>
  )
}

const TableActions = ({ of, again }: { readonly of: Row; again(): void }) => {
  const input = () => ({ input: { name: of.name, idempotencyKey: crypto.randomUUID() } })
  return (
    <span class="row">
      {(of.stopped ?? of.building?.stopped) && (
        <Action
          label="Go on"
          run={async () => {
            doneOf((await ask(REPLAY, input())).replayProjection)
            again()
          }}
        />
      )}
      {!of.building && (
        <Action
          label="Build anew"
          isQuiet
          sure={
            <p>
              {of.name} is folded anew from the whole log, beside what is there, which stays until the new one is whole.
              It costs time, and nothing is lost.
            </p>
          }
          run={async () => {
            doneOf((await ask(REBUILD, input())).rebuildProjection)
            again()
          }}
        />
      )}
    </span>
  )
}
