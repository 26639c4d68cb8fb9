import { randomUUID } from 'node:crypto'
import { dropKey } from '../../shell/key-store.ts'
import { isSure } from '../ask.ts'
import { type ChangeFlags, type Cost, changeBy } from '../change.ts'
import { leaseIdOf } from '../lease/lease-view.ts'
import type { NodeClient } from '../node-client.ts'
import { connect, dataDirOf, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, print, printData, printRows, say } from '../output.ts'
import { doneOrFault, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'

type Kind = 'lease' | 'announcement' | 'peer'
type SubjectView = {
  readonly kind: string
  readonly id: string
  readonly sealedFacts: number
  readonly plainFacts: number
  readonly forgotten: boolean
  readonly obstacle: string | null
  readonly why: string | null
}
type Subjects = { readonly __typename: 'Forgettable' | 'Forgotten'; readonly subjects: readonly SubjectView[] }

const SUBJECTS = 'subjects { kind id sealedFacts plainFacts forgotten obstacle why }'

const COLUMNS: readonly Column<SubjectView>[] = [
  ['FORGET', ({ kind }) => kind.toLowerCase()],
  ['ID', ({ id }) => id],
  ['FACTS', ({ sealedFacts, forgotten }) => (forgotten ? 'forgotten already' : sealedFacts)],
  ['IN THE CLEAR', ({ plainFacts }) => plainFacts || ''],
  ['NOT YET', ({ obstacle, why }) => (obstacle === null ? '' : `${obstacle}: ${why}`)],
]

const subjectsOf = async (client: NodeClient, target: object): Promise<readonly SubjectView[]> => {
  const { forgettable } = await client.lookUp<{ forgettable: Subjects | ProblemView }>(
    `query($target: ForgetTarget!) {
      forgettable(target: $target) { __typename ... on Forgettable { ${SUBJECTS} } ${PROBLEM_FIELDS} }
    }`,
    { target },
  )
  return doneOrFault(forgettable).subjects
}

const costOf = ({ kind, id, sealedFacts, obstacle, why }: SubjectView): Cost => [
  `${kind.toLowerCase()} ${id}`,
  obstacle === null ? `${sealedFacts} facts lose what is personal` : `not yet: ${obstacle}: ${why}`,
]

/** Shows what would be forgotten, asks, and has it forgotten. */
export const forgetThe = async (
  kind: Kind,
  given: string,
  flags: NodeFlags & ChangeFlags & { readonly output: Output },
): Promise<void> => {
  const client = connect(flags)
  const id = kind === 'lease' ? await leaseIdOf(client, given) : given
  const target = { [kind]: id }
  const before = client.isShowing ? [] : await subjectsOf(client, target)
  if (flags.output === 'table' && !flags.dryRun) printRows(before, COLUMNS, 'table')
  const isPossible = before.every(({ obstacle }) => obstacle === null)
  const isAsked = isPossible && !client.isShowing && !flags.dryRun
  // Where something stands in the way, the node says what to do about it.
  if (isAsked && !(await isSure('Forget this for good?', flags, 'refuse'))) return say('nothing was forgotten')
  const { forget } = await changeBy<{ forget: Subjects | ProblemView }>(
    client,
    {
      document: `mutation($input: ForgetInput!) {
        forget(input: $input) { __typename ... on Forgotten { ${SUBJECTS} } ${PROBLEM_FIELDS} }
      }`,
      variables: { input: { target, idempotencyKey: randomUUID() } },
      does: `forget the ${kind} ${id} for good`,
      costs: async () => before.map(costOf),
    },
    flags,
  )
  const { subjects } = doneOrFault(forget)
  for (const subject of subjects) if (subject.kind === 'LEASE') await dropKey(dataDirOf(flags), subject.id)
  const plain = subjects.reduce((sum, { plainFacts }) => sum + plainFacts, 0)
  if (flags.output === 'table') print(`${subjects.length} forgotten: what was sealed can be read by nobody again`)
  else printData(subjects, flags.output)
  if (plain > 0) say(`${plain} facts are from before there were keys: what is personal in them stays in the log`)
  say('The chain keeps what stands on it, and whoever has a backup of subject-keys.sqlite has the keys yet.')
}
