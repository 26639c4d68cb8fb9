import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline/promises'
import { dropKey } from '../../shell/key-store.ts'
import { usageFault } from '../exit-code.ts'
import { leaseIdOf } from '../lease/lease-view.ts'
import { connect, dataDirOf, type NodeFlags } from '../node-options.ts'
import { type Column, print, printRows, say } from '../output.ts'
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

/** Shows what would be forgotten, asks, and has it forgotten. */
export const forgetThe = async (kind: Kind, given: string, flags: NodeFlags & { yes?: true }): Promise<void> => {
  const client = connect(flags)
  const id = kind === 'lease' ? await leaseIdOf(client, given) : given
  const target = { [kind]: id }
  const { forgettable } = await client.request<{ forgettable: Subjects | ProblemView }>(
    `query($target: ForgetTarget!) {
      forgettable(target: $target) { __typename ... on Forgettable { ${SUBJECTS} } ${PROBLEM_FIELDS} }
    }`,
    { target },
  )
  const before = doneOrFault(forgettable)
  printRows(before.subjects, COLUMNS, 'table')
  const isPossible = before.subjects.every(({ obstacle }) => obstacle === null)
  // Where something stands in the way, the node says what to do about it.
  if (isPossible && !flags.yes && !(await isSure())) return say('nothing was forgotten')
  const { forget } = await client.request<{ forget: Subjects | ProblemView }>(
    `mutation($input: ForgetInput!) {
      forget(input: $input) { __typename ... on Forgotten { ${SUBJECTS} } ${PROBLEM_FIELDS} }
    }`,
    { input: { target, idempotencyKey: randomUUID() } },
  )
  const { subjects } = doneOrFault(forget)
  for (const subject of subjects) if (subject.kind === 'LEASE') await dropKey(dataDirOf(flags), subject.id)
  const plain = subjects.reduce((sum, { plainFacts }) => sum + plainFacts, 0)
  print(`${subjects.length} forgotten: what was sealed can be read by nobody again`)
  if (plain > 0) say(`${plain} facts are from before there were keys: what is personal in them stays in the log`)
  say('The chain keeps what stands on it, and whoever has a backup of subject-keys.sqlite has the keys yet.')
}

const isSure = async (): Promise<boolean> => {
  if (!process.stdin.isTTY) throw usageFault('Nobody is there to be asked.', 'Say --yes to forget this for good.')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(?:es)?$/i.test((await terminal.question('Forget this for good? [y/N] ')).trim())
  } finally {
    terminal.close()
  }
}
