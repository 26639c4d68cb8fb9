import { acceptedFacts } from '../../../domain/accepts.ts'
import { Fault } from '../../../domain/fault.ts'
import { lease } from '../../../domain/lease/lease.ts'
import { sentenceOf } from '../../../domain/lease/sentence.ts'
import { notFound } from '../exit-code.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, printOne } from '../output.ts'
import { msatToSats, showNumber } from '../quantity.ts'
import { knownFact } from './known-fact.ts'
import { leaseIdOf } from './lease-view.ts'
import { leaseLog } from './log.ts'
import type { LeaseEntry } from './watch.ts'

type State = ReturnType<typeof lease.evolve>
type Replayed = {
  readonly leaseId: string
  readonly version: number
  readonly position: string
  readonly at: string
  readonly type: string
  readonly text: string
  readonly state: unknown
  readonly context: State['context']
  readonly accepts: readonly string[]
}

const FIELDS: readonly Column<Replayed>[] = [
  ['lease', (it) => it.leaseId],
  ['version', (it) => `${it.version}, at position ${it.position} of the log`],
  ['then', (it) => it.at],
  ['fact', (it) => `${it.type}: ${it.text}`],
  ['state', (it) => pathOf(it.state)],
  ['side', ({ context }) => context.side],
  ['remote', ({ context }) => context.remote],
  ['peer', ({ context }) => context.peerKey],
  ['tick', ({ context }) => context.tick || ''],
  ['owed', ({ context }) => context.owedMsat && `${showNumber(msatToSats(context.owedMsat))} sats`],
  ['paid', ({ context }) => context.paidSats && `${showNumber(context.paidSats)} sats`],
  ['paused', ({ context }) => context.pauses.map(({ code }) => code).join(', ')],
  ['end', ({ context }) => context.end && `${context.end.code} (${context.end.culprit})`],
  ['failure', ({ context }) => context.failure],
  ['may follow', ({ accepts }) => (accepts.length === 0 ? 'nothing: it is over' : accepts.join(', '))],
]

/** `{ meter: 'flowing' }` → `meter, flowing`. */
const pathOf = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, inner]) => `${name}, ${pathOf(inner)}`)
        .join('; ')
    : String(value)

type Flags = NodeFlags & { readonly output: Output; readonly at?: number; readonly position?: string }

/**
 * Folds a lease's facts with the domain's own chart up to one of them, and shows what they added up to then and which facts may follow.
 * @throws Fault `not-found` when there is no such fact, `cli.history-not-whole` when facts before it are not in the log any more
 */
export const replayLease = async (given: string, flags: Flags): Promise<void> => {
  const client = connect(flags)
  const leaseId = await leaseIdOf(client, given)
  let state = lease.initial
  let last: LeaseEntry | undefined
  for await (const entry of leaseLog(client, leaseId)) {
    if (isBehind(entry, flags)) break
    if (entry.version !== (last?.version ?? 0) + 1) throw notWhole(leaseId, entry.version)
    state = lease.evolve(state, knownFact(entry.fact))
    last = entry
  }
  const isThere = last !== undefined && (flags.at === undefined || last.version === flags.at)
  if (!isThere) throw notFound(`the lease ${leaseId} has no such fact`, `See zennet lease logs ${leaseId}.`)
  const { version, position, at, type, fact } = last!
  const replayed: Replayed = {
    ...{ leaseId, version, position, at, type },
    text: sentenceOf(knownFact(fact)),
    state: state.value,
    context: state.context,
    accepts: acceptedFacts(state),
  }
  printOne(replayed, FIELDS, flags.output)
}

const isBehind = ({ version, position }: LeaseEntry, flags: Flags): boolean =>
  (flags.at !== undefined && version > flags.at) ||
  (flags.position !== undefined && BigInt(position) > BigInt(flags.position))

const notWhole = (leaseId: string, version: number): Fault =>
  new Fault('cli.history-not-whole', `facts of the lease ${leaseId} before version ${version} are not in the log`, {
    next: 'What is left can be read with zennet lease logs.',
  })
