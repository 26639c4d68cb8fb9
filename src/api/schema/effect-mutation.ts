import { type EffectRow, effects } from '../../../projections/effects.ts'
import type { Done, EffectCommands, Problem } from '../port.ts'
import { problemOf } from '../problem.ts'
import { builder } from './builder.ts'
import { command } from './command.ts'
import type { ApiContext } from './context.ts'
import { EffectType } from './effect-types.ts'
import { untilFresh } from './fresh.ts'
import { resultType } from './problem-type.ts'
import { KEY_DESCRIPTION } from './request-input.ts'

type Told = Done<{ readonly effectId: string }>

const effectOf = async ({ effectId, position }: Told, context: ApiContext): Promise<EffectRow | null> => {
  await untilFresh(context, position, effects.name)
  return context.projector.byId(effects, effectId) ?? null
}

const ToldType = builder.objectRef<Told>('EffectTold').implement({
  description: 'An effect was told to be tried again, or not any more.',
  fields: (t) => ({
    effect: t.field({ type: EffectType, nullable: true, resolve: (told, _, context) => effectOf(told, context) }),
    position: t.expose('position', { type: 'Position', description: 'From where the effect of this can be read.' }),
  }),
})
const EffectResult = resultType('EffectResult', ToldType)
const EffectInput = builder.inputType('EffectInput', {
  fields: (t) => ({
    effectId: t.field({ type: 'Hex', required: true }),
    idempotencyKey: t.string({ required: true, description: KEY_DESCRIPTION }),
  }),
})

type Input = typeof EffectInput.$inferInput

const tell = (
  context: ApiContext,
  operation: string,
  input: Input,
  how: (effects: EffectCommands) => Promise<Told | Problem>,
): Promise<Told | Problem> =>
  command(context, operation, input, async () => {
    const { effects: commands } = context.market
    return commands ? how(commands) : readsOnly
  })

const readsOnly = problemOf(
  'reads-only',
  'this node does no effects: it only reads the log',
  'Send it to a node with the role publisher or provider on the same log.',
)

builder.mutationFields((t) => ({
  replayEffect: t.field({
    type: EffectResult,
    description: 'Lets a parked effect be tried again.',
    args: { input: t.arg({ type: EffectInput, required: true }) },
    resolve: (_, { input }, context) =>
      tell(context, 'replayEffect', input, (commands) => commands.replay(input.effectId)),
  }),
  dropEffect: t.field({
    type: EffectResult,
    description: 'Gives an effect up for good: it will not be tried any more.',
    args: { input: t.arg({ type: EffectInput, required: true }) },
    resolve: (_, { input }, context) => tell(context, 'dropEffect', input, (commands) => commands.drop(input.effectId)),
  }),
}))
