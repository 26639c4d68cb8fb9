import { ask, doneOf } from '../api/ask.ts'
import { useLive } from '../api/live.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { Action } from '../part/action.tsx'
import { At, Short, State, Words } from '../part/shown.tsx'
import { Table } from '../part/table.tsx'
import { Told } from '../part/told.tsx'
import { useEvery } from './every.ts'
import { judgeEffects } from './judgement.ts'
import { VerdictCard } from './verdict-card.tsx'

const EFFECTS = graphql(`
  query EffectsNow {
    status { position }
    parked: effects(first: 50, filter: { state: [PARKED] }) {
      edges { node { id effectId kind subject state attempts failureCode failureNext askedAt endedAt } }
    }
    open: effects(first: 20, filter: { state: [OPEN] }) {
      edges { node { id effectId kind subject state attempts failureCode failureNext askedAt endedAt } }
    }
  }
`)

const REPLAY = graphql(`
  mutation ReplayEffect($input: EffectInput!) {
    replayEffect(input: $input) {
      __typename
      ... on Problem { code message culprit next }
    }
  }
`)

const DROP = graphql(`
  mutation DropEffect($input: EffectInput!) {
    dropEffect(input: $input) {
      __typename
      ... on Problem { code message culprit next }
    }
  }
`)

type Row = ResultOf<typeof EFFECTS>['parked']['edges'][number]['node']

const EVERY_MS = 3_000

/** What is to be done in the world because of the log: what waits for a person, and what is tried now. */
export const Effects = () => {
  const live = useLive(EFFECTS, {}, [])
  useEvery(EVERY_MS, () => live.again())
  const data = live.data.value
  if (data === undefined) return live.fault.value ? <Told told={live.fault.value} /> : null
  const rows = [...data.parked.edges, ...data.open.edges].map(({ node }) => node)
  return (
    <VerdictCard title="Things to be done" of={judgeEffects(data.parked.edges.length)}>
      <Table
        label="Effects"
        head={['What', 'Of', 'State', 'Why', 'Asked for', 'Do']}
        rows={rows}
        keyOf={({ id }) => id}
        empty="All that was to be done is done."
      >
        {(row) => [
          <Words of={row.kind} />,
          <Short of={row.subject} />,
          <State of={row.state} />,
          <Why of={row} />,
          <At of={row.askedAt} />,
          <EffectActions of={row} again={live.again} />,
        ]}
      </Table>
    </VerdictCard>
  )
}

const Why = ({ of }: { readonly of: Row }) =>
  of.failureCode === null ? (
    <span class="faint">–</span>
  ) : (
    <span>
      <code>{of.failureCode}</code> <Words of={of.failureNext ?? ''} />{' '}
      {of.attempts !== null && `(${of.attempts} tries)`}
    </span>
  )

const EffectActions = ({ of, again }: { readonly of: Row; again(): void }) => {
  if (of.state !== 'PARKED') return null
  const input = () => ({ input: { effectId: of.effectId, idempotencyKey: crypto.randomUUID() } })
  return (
    <span class="row">
      <Action
        label="Try again"
        run={async () => {
          doneOf((await ask(REPLAY, input())).replayEffect)
          again()
        }}
      />
      <Action
        label="Give it up"
        isBad
        sure={<p>It will never be tried again. What it was for stays undone.</p>}
        run={async () => {
          doneOf((await ask(DROP, input())).dropEffect)
          again()
        }}
      />
    </span>
  )
}
