import { effects } from '../../../projections/effects.ts'
import { timers } from '../../../projections/timers.ts'
import { builder } from './builder.ts'
import { freshArg, listArgs, pageOf } from './connection.ts'
import {
  EffectConnection,
  EffectStateEnum,
  EffectType,
  TimerConnection,
  TimerStateEnum,
  TimerType,
} from './effect-types.ts'
import { anyOf, TimeRange, times } from './filter.ts'
import { untilFresh } from './fresh.ts'
import { orderType } from './order.ts'

const EffectFilter = builder.inputType('EffectFilter', {
  fields: (t) => ({
    state: t.field({ type: [EffectStateEnum] }),
    kind: t.stringList(),
    subject: t.stringList(),
    askedAt: t.field({ type: TimeRange }),
  }),
})
const EffectOrder = orderType('Effect', {
  BEGAN: { value: 'began', description: 'As they were asked for: never changes.' },
  CHANGED: { value: 'position', description: 'By the newest fact about it.' },
})

const TimerFilter = builder.inputType('TimerFilter', {
  fields: (t) => ({
    state: t.field({ type: [TimerStateEnum] }),
    kind: t.stringList(),
    subject: t.stringList(),
    due: t.field({ type: TimeRange }),
  }),
})
const TimerOrder = orderType('Timer', {
  BEGAN: { value: 'began', description: 'As they were first set: never changes.' },
  DUE: { value: 'due' },
  CHANGED: { value: 'position', description: 'By the newest fact about it.' },
})

const BEGAN = { by: 'began', direction: 'DESCENDING' } as const
const DEFAULT = 'Default BEGAN, descending.'

builder.queryFields((t) => ({
  effects: t.field({
    type: EffectConnection,
    description: 'What is to be done, or was, because of the log; parked ones wait for a person.',
    args: {
      ...listArgs,
      filter: t.arg({ type: EffectFilter, required: false }),
      orderBy: t.arg({ type: EffectOrder, required: false, description: DEFAULT }),
    },
    resolve: (_, { filter, orderBy, ...args }, context) =>
      pageOf(context, effects, args, {
        order: orderBy ?? BEGAN,
        where: {
          state: anyOf(filter?.state),
          kind: anyOf(filter?.kind),
          subject: anyOf(filter?.subject),
          askedAt: times(filter?.askedAt),
        },
      }),
  }),
  effect: t.field({
    type: EffectType,
    nullable: true,
    args: { ...freshArg, effectId: t.arg({ type: 'Hex', required: true }) },
    resolve: async (_, { effectId, atLeast }, context) => {
      await untilFresh(context, atLeast, effects.name)
      return context.projector.byId(effects, effectId) ?? null
    },
  }),
  timers: t.field({
    type: TimerConnection,
    description: 'What is to be done at a time.',
    args: {
      ...listArgs,
      filter: t.arg({ type: TimerFilter, required: false }),
      orderBy: t.arg({ type: TimerOrder, required: false, description: DEFAULT }),
    },
    resolve: (_, { filter, orderBy, ...args }, context) =>
      pageOf(context, timers, args, {
        order: orderBy ?? BEGAN,
        where: {
          state: anyOf(filter?.state),
          kind: anyOf(filter?.kind),
          subject: anyOf(filter?.subject),
          due: times(filter?.due),
        },
      }),
  }),
  timer: t.field({
    type: TimerType,
    nullable: true,
    args: { ...freshArg, key: t.arg.string({ required: true }) },
    resolve: async (_, { key, atLeast }, context) => {
      await untilFresh(context, atLeast, timers.name)
      return context.projector.byId(timers, key) ?? null
    },
  }),
}))
