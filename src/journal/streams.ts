import type { Decider } from '../../domain/decider.ts'
import { type Fact, isRefusal, type Refusal } from '../../domain/fact.ts'
import { Fault } from '../../domain/fault.ts'
import { Folded } from './folded.ts'
import { Mailboxes } from './mailboxes.ts'
import { type Append, type Archiving, Conflict, type Journal, type Position } from './port.ts'
import { asStored } from './prepared.ts'
import type { Snapshots } from './snapshots.ts'

/** A stream folded: its state, and the version that this state is of. */
export type Loaded<State> = { readonly state: State; readonly version: number }

/** A command was done: its facts ([] when nothing had to change), and the stream after them. */
export type Done<State, F extends Fact> = Loaded<State> & {
  readonly facts: readonly F[]
  /** Of the last fact written, for `waitFor` of the rows; 0 when nothing was. */
  readonly position: Position
}

/** One command for one stream, of a `transact`. */
export type Step<Command, State, F extends Fact, Code extends string> = {
  readonly decider: Decider<Command, State, F, Code>
  readonly stream: string
  readonly command: Command
}

export type ExecuteOptions = {
  /** Idempotency key: a repeated command answers with the facts of the first time. */
  readonly commandId?: string
  readonly correlationId?: string
  /** Facts for other streams, in the same unit. A conflict on one of these is thrown: only the caller can decide it again. */
  readonly also?: readonly Append[]
}

// Methods are compared bivariantly, so a step of any types is one of these; its results get their own types back below.
type AnyStep = Step<unknown, unknown, Fact, string>
type FactOf<S> = S extends { decider: { decide(command: never, state: never): infer R } }
  ? Extract<R, readonly Fact[]>[number]
  : never
type StateOf<S> = S extends { decider: { readonly initial: infer State } } ? State : never
type CodeOf<S> = S extends { decider: { decide(command: never, state: never): infer R } }
  ? Extract<R, Refusal>['refused']
  : never

/** A unit of several streams was done, or is refused whole by the step with this index. */
export type UnitDone<S extends readonly AnyStep[]> = {
  readonly done: { readonly [I in keyof S]: Done<StateOf<S[I]>, FactOf<S[I]>> }
  readonly position: Position
}
export type UnitRefused<Code extends string> = Refusal<Code> & { readonly step: number }

/** How often a command is decided again because another process appended first. */
export const MAX_DECISIONS = 10
/** Commands for streams: one at a time for each, decided on its newest state, appended with optimistic concurrency. */
export interface Streams {
  load<Command, State, F extends Fact, Code extends string>(
    decider: Decider<Command, State, F, Code>,
    stream: string,
  ): Promise<Loaded<State>>
  /**
   * Decides one command and appends its facts. A decision of [] appends nothing.
   * @throws Conflict after `MAX_DECISIONS`, or when it is on a stream of `also`
   * @throws Fault as `Journal.transact`; `journal.busy` when too many commands wait for the stream
   */
  execute<Command, State, F extends Fact, Code extends string>(
    decider: Decider<Command, State, F, Code>,
    stream: string,
    command: Command,
    options?: ExecuteOptions,
  ): Promise<Refusal<Code | 'illegal'> | Done<State, F>>
  /** Decides commands for different streams and appends all of their facts in one unit, or none when one is refused. */
  transact<const S extends readonly AnyStep[]>(
    steps: S,
    options?: ExecuteOptions,
  ): Promise<UnitRefused<CodeOf<S[number]>> | UnitDone<S>>
  /** Leaves the folded state of a stream out of memory: what its facts say may have changed, as when their subject was forgotten. */
  drop(stream: string): void
}

/**
 * The mailbox and the folded states of every stream of one journal: make one per journal, and share it.
 * @param snapshots of this journal, where states that leave memory go
 */
export const openStreams = (journal: Journal & Partial<Archiving>, snapshots?: Snapshots): Streams => {
  const mailboxes = new Mailboxes()
  const folded = new Folded(journal, snapshots)

  const unit = async (steps: readonly AnyStep[], options: ExecuteOptions): Promise<AnyRefused | AnyDone> => {
    const { commandId, also = [] } = options
    const own = new Set(steps.map((step) => step.stream))
    if (own.size < steps.length) throw new Error('a unit has one step for each stream')
    let newest = false
    for (let decision = 1; ; decision++) {
      const before = await Promise.all(steps.map(({ decider, stream }) => folded.get(decider, stream, newest)))
      const decided = decide(steps, before)
      const nothing =
        !isRefusal(decided) && [...decided, ...also.map((append) => append.facts)].every((f) => f.length === 0)
      if (isRefusal(decided) || nothing) {
        // A refusal must not rest on a state that another process has already changed.
        if (!newest) {
          newest = true
          continue
        }
        const earlier = commandId === undefined ? undefined : await repeated(steps, commandId)
        return earlier ?? (isRefusal(decided) ? decided : doneOf(before, decided, 0))
      }
      const appends = steps.map(({ stream }, i) => ({ stream, expected: before[i]!.version, facts: decided[i]! }))
      let position: Position
      try {
        position = await journal.transact([...appends, ...also], options)
      } catch (error) {
        if (error instanceof Conflict && own.has(error.stream) && decision < MAX_DECISIONS) {
          newest = true
          continue
        }
        // It was closed for long, and has something to say after all.
        if (isArchived(error) && journal.restore && (await journal.restore([...own])) > 0) continue
        for (const stream of own) folded.drop(stream)
        throw error
      }
      if (commandId !== undefined && !(await wasWritten(appends, commandId))) {
        const earlier = await repeated(steps, commandId)
        if (earlier) return earlier
        throw new Fault('journal.bad-command', `command ${commandId} was used before, for other streams`)
      }
      const after = steps.map(({ stream }, i) => folded.advance(stream, before[i]!, decided[i]!))
      return doneOf(after, decided, position)
    }
  }

  /** A repeated command id answers with a position too, and writes nothing: only the log can tell which it was. */
  const wasWritten = async (appends: readonly Append[], commandId: string): Promise<boolean> => {
    const first = appends.find((append) => append.facts.length > 0)
    if (!first) return true
    const [recorded] = await journal.read(first.stream, first.expected)
    return recorded?.commandId === commandId
  }

  /** What a command did when it was given the first time; undefined when it did nothing to these streams. */
  const repeated = async (steps: readonly AnyStep[], commandId: string): Promise<AnyDone | undefined> => {
    const recorded = await Promise.all(steps.map(({ stream }) => journal.read(stream)))
    const caused = recorded.map((all) => all.filter((one) => one.commandId === commandId))
    const position = Math.max(0, ...caused.flat().map((one) => one.position))
    if (position === 0) return undefined
    const states = await Promise.all(steps.map(({ decider, stream }) => folded.get(decider, stream, true)))
    const facts = caused.map((all) => all.map((one) => one.fact))
    return doneOf(states, facts, position)
  }

  return {
    async load<Command, State, F extends Fact, Code extends string>(
      decider: Decider<Command, State, F, Code>,
      stream: string,
    ) {
      const { state, version } = await folded.get(decider, stream, true)
      return { state: state as State, version }
    },
    async execute<Command, State, F extends Fact, Code extends string>(
      decider: Decider<Command, State, F, Code>,
      stream: string,
      command: Command,
      options: ExecuteOptions = {},
    ) {
      const result = await mailboxes.enter([stream], () => unit([{ decider, stream, command }], options))
      if (isRefusal(result)) return { refused: result.refused as Code | 'illegal', why: result.why }
      return result.done[0] as Done<State, F>
    },
    async transact<const S extends readonly AnyStep[]>(steps: S, options: ExecuteOptions = {}) {
      const streams = steps.map((step) => step.stream)
      const result = await mailboxes.enter(streams, () => unit(steps, options))
      return result as UnitRefused<CodeOf<S[number]>> | UnitDone<S>
    },
    drop: (stream) => folded.drop(stream),
  }
}

type AnyRefused = UnitRefused<string>
type AnyDone = { readonly done: readonly Done<unknown, Fact>[]; readonly position: Position }

const decide = (
  steps: readonly AnyStep[],
  before: readonly Loaded<unknown>[],
): readonly (readonly Fact[])[] | AnyRefused => {
  const decided: (readonly Fact[])[] = []
  for (const [step, { decider, command }] of steps.entries()) {
    const facts = decider.decide(command, before[step]!.state)
    if (isRefusal(facts)) return { refused: facts.refused, why: facts.why, step }
    // As they will be read: a state folded now must equal the one that is folded after a restart.
    decided.push((facts as readonly Fact[]).map(asStored))
  }
  return decided
}

const isArchived = (error: unknown): boolean => error instanceof Fault && error.code === 'journal.archived'

const doneOf = (
  after: readonly Loaded<unknown>[],
  facts: readonly (readonly Fact[])[],
  position: Position,
): AnyDone => ({
  done: after.map(({ state, version }, i) => ({
    facts: facts[i]!,
    state,
    version,
    position: facts[i]!.length > 0 ? position : 0,
  })),
  position,
})
