import { Fault } from '../../../domain/fault.ts'
import type { Stopped } from '../../projector/port.ts'
import { type Lag, lagsOf } from '../lag.ts'
import type { Problem } from '../port.ts'
import { problemOf } from '../problem.ts'
import { builder } from './builder.ts'
import { command } from './command.ts'
import type { ApiContext } from './context.ts'
import { resultType } from './problem-type.ts'
import { KEY_DESCRIPTION } from './request-input.ts'

const StoppedType = builder.objectRef<Stopped>('ProjectionStopped').implement({
  description: 'Why a projection stands still.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Stable.' }),
    why: t.exposeString('why'),
    position: t.expose('position', {
      type: 'Position',
      description: 'Of the fact that cannot be folded, where that is known.',
    }),
    since: t.expose('since', { type: 'DateTime' }),
    retrying: t.exposeBoolean('retrying', {
      description: 'It tries again by itself; else it waits for replayProjection, rebuildProjection or a restart.',
    }),
  }),
})

const BuildingType = builder.objectRef<Lag>('ProjectionBuild').implement({
  description: 'A build that is folded beside the rows that are read, and takes their place when it has caught up.',
  fields: (t) => ({
    position: t.field({ type: 'Position', resolve: ({ state }) => state.building?.position ?? 0 }),
    percent: t.int({ resolve: ({ building }) => building?.percent ?? 0 }),
    leftSeconds: t.float({
      nullable: true,
      description: 'At the speed so far; null while there is none.',
      resolve: ({ building }) => (building?.leftMs === undefined ? null : building.leftMs / 1_000),
    }),
    stopped: t.field({ type: StoppedType, nullable: true, resolve: ({ state }) => state.building?.stopped ?? null }),
  }),
})

export const ProjectionType = builder.objectRef<Lag>('Projection').implement({
  description: 'A table of the read model: how far its rows are, and what keeps them.',
  fields: (t) => ({
    name: t.string({ resolve: ({ state }) => state.name }),
    version: t.int({ description: 'Of its definition in this program.', resolve: ({ state }) => state.version }),
    position: t.field({
      type: 'Position',
      description: 'Of the rows that are read.',
      resolve: ({ state }) => state.position,
    }),
    head: t.expose('head', { type: 'Position', description: 'Of the newest fact in the log.' }),
    lagFacts: t.int({
      description: 'Positions of the log that the rows do not contain yet: facts, where the log has no gaps.',
      resolve: ({ behind }) => Math.min(behind, 2 ** 31 - 1),
    }),
    lagSeconds: t.float({
      description: 'Age of the oldest fact that the rows do not contain yet.',
      resolve: ({ behindMs }) => behindMs / 1_000,
    }),
    readable: t.boolean({
      description: 'False until the first build is whole.',
      resolve: ({ state }) => state.readable,
    }),
    outdated: t.boolean({
      description: 'The rows are of an earlier version, and stand still until the new build takes their place.',
      resolve: ({ state }) => state.outdated,
    }),
    stopped: t.field({ type: StoppedType, nullable: true, resolve: ({ state }) => state.stopped ?? null }),
    building: t.field({
      type: BuildingType,
      nullable: true,
      resolve: (lag) => (lag.state.building ? lag : null),
    }),
  }),
})

builder.queryField('projections', (t) =>
  t.field({
    type: [ProjectionType],
    description: 'Every table of the read model.',
    resolve: async (_, __, context) => [...(await lagsOf(context))],
  }),
)

type Told = { readonly name: string }

const projectionOf = async ({ name }: Told, context: ApiContext): Promise<Lag> => {
  const found = (await lagsOf(context)).find(({ state }) => state.name === name)
  if (!found) throw new Fault('projector.unknown-table', `no table ${name}`)
  return found
}

const ToldType = builder.objectRef<Told>('ProjectionTold').implement({
  description: 'A projection was told to go on or to be built anew; `projection` shows how far it is.',
  fields: (t) => ({
    projection: t.field({ type: ProjectionType, resolve: (told, _, context) => projectionOf(told, context) }),
  }),
})
const ToldResult = resultType('ProjectionResult', ToldType)
const ProjectionInput = builder.inputType('ProjectionInput', {
  fields: (t) => ({
    name: t.string({ required: true, description: 'As in `projections`.' }),
    idempotencyKey: t.string({ required: true, description: KEY_DESCRIPTION }),
  }),
})

type Input = typeof ProjectionInput.$inferInput

const tell = (
  context: ApiContext,
  operation: string,
  input: Input,
  how: (name: string, key: string) => void,
): Promise<Told | Problem> =>
  command(context, operation, input, async () => {
    try {
      how(input.name, input.idempotencyKey)
      return { name: input.name }
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'projector.unknown-table') throw error
      const names = context.projector.states().map(({ name }) => name)
      return problemOf(error.code, error.message, `Name one of ${names.join(', ')}.`)
    }
  })

builder.mutationFields((t) => ({
  rebuildProjection: t.field({
    type: ToldResult,
    description: 'Folds a table anew from the whole log, beside its rows; one that is under way goes on.',
    args: { input: t.arg({ type: ProjectionInput, required: true }) },
    resolve: (_, { input }, context) =>
      tell(context, 'rebuildProjection', input, (name, key) => context.projector.rebuild(name, key)),
  }),
  replayProjection: t.field({
    type: ToldResult,
    description: 'Lets a table that stands still try again, from the fact at which it stopped.',
    args: { input: t.arg({ type: ProjectionInput, required: true }) },
    resolve: (_, { input }, context) =>
      tell(context, 'replayProjection', input, (name) => context.projector.retry(name)),
  }),
}))
