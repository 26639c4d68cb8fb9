import { sentenceOf } from '../../../../domain/lease/sentence.ts'
import { At, Words } from '../../part/shown.tsx'
import { VirtualRows } from '../../part/virtual-rows.tsx'
import type { Entry } from '../entry.ts'

type Given = {
  readonly entries: readonly Entry[]
  readonly at: number
  readonly choose: (version: number) => void
}

/** Every fact, the newest first; choosing one goes to the moment after it. */
export const FactList = ({ entries, at, choose }: Given) => (
  <VirtualRows
    rows={entries.toReversed()}
    rowPx={40}
    head={['Version', 'At', 'Fact', 'In words']}
    label="Facts of the lease"
    keyOf={({ version }) => String(version)}
  >
    {({ version, fact }) => [
      <button
        type="button"
        class={version === at ? '' : 'quiet'}
        aria-pressed={version === at}
        onClick={() => choose(version)}
        aria-label={`Go to version ${version}`}
      >
        {version}
      </button>,
      <At of={new Date(fact.at).toISOString()} />,
      <code>{fact.type}</code>,
      <span class={version > at ? 'faint' : ''}>
        <Words of={sentenceOf(fact)} />
      </span>,
    ]}
  </VirtualRows>
)
