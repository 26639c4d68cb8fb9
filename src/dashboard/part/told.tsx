import type { Told as Words } from '../api/fault.ts'

const CULPRITS: Readonly<Record<string, string>> = {
  you: 'It is for you to mend.',
  publisher: 'The publisher’s fault.',
  provider: 'The provider’s fault.',
  'peer-unreachable': 'The other side cannot be reached.',
  chain: 'The chain’s fault.',
  host: 'This node’s fault, or its machine’s.',
}

/** Something went wrong: what, whose fault, and what to do. */
export const Told = ({ told }: { readonly told: Words }) => (
  <div class="told" role="alert">
    <p>
      <strong>{told.message}</strong>
    </p>
    <p>
      {CULPRITS[told.culprit] ?? `Fault: ${told.culprit}.`} {told.next}
    </p>
    <p class="faint">
      <code>{told.code}</code>
    </p>
  </div>
)
