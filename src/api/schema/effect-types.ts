import { type EffectRow, effects } from '../../../projections/effects.ts'
import { type TimerRow, timers } from '../../../projections/timers.ts'
import { builder } from './builder.ts'

export const EffectStateEnum = builder.enumType('EffectState', {
  values: {
    OPEN: { value: 'open', description: 'Tried until it is done.' },
    PARKED: { value: 'parked', description: 'It failed too often: replayEffect or dropEffect.' },
    DONE: { value: 'done' },
    DROPPED: { value: 'dropped' },
  } as const,
})

export const TimerStateEnum = builder.enumType('TimerState', {
  values: {
    SET: { value: 'set' },
    FIRED: { value: 'fired', description: 'Its effect was asked for.' },
    CANCELLED: { value: 'cancelled' },
  } as const,
})

const EffectRef = builder.objectRef<EffectRow>('Effect')
export const EffectType = builder.node(EffectRef, {
  description: 'Something that is to be done in the world because of what is in the log.',
  id: { resolve: (row) => row.id },
  loadOne: (id, { projector }) => projector.byId(effects, id),
  fields: (t) => ({
    effectId: t.expose('id', { type: 'Hex' }),
    kind: t.exposeString('kind', { description: 'What is done: withdraw-filled, give-up.' }),
    subject: t.exposeString('subject', {
      description: 'To what: an id. Effects for one are done one after the other.',
    }),
    state: t.field({ type: EffectStateEnum, resolve: (row) => row.state }),
    askedAt: t.expose('askedAt', { type: 'DateTime' }),
    endedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was done, parked or dropped; null while it is open.',
      resolve: (row) => row.endedAt ?? null,
    }),
    failureCode: t.string({
      nullable: true,
      description: 'Why it was parked last. The words are in the log of the node that tried.',
      resolve: ({ failure }) => failure?.code ?? null,
    }),
    failureNext: t.string({
      nullable: true,
      description: 'What a person can do about that.',
      resolve: ({ failure }) => failure?.next ?? null,
    }),
    attempts: t.int({
      nullable: true,
      description: 'How often it was tried before it was parked last.',
      resolve: ({ failure }) => failure?.attempts ?? null,
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
export const EffectConnection = builder.connectionObject(
  { name: 'EffectConnection', type: EffectType },
  { name: 'EffectEdge' },
)

const TimerRef = builder.objectRef<TimerRow>('Timer')
export const TimerType = builder.node(TimerRef, {
  description: 'An effect that is asked for when its time has come.',
  id: { resolve: (row) => row.id },
  loadOne: (id, { projector }) => projector.byId(timers, id),
  fields: (t) => ({
    key: t.exposeString('id'),
    kind: t.exposeString('kind', { description: 'Of the effect.' }),
    subject: t.exposeString('subject', { description: 'Of the effect.' }),
    state: t.field({ type: TimerStateEnum, resolve: (row) => row.state }),
    due: t.expose('due', { type: 'DateTime' }),
    setAt: t.expose('setAt', { type: 'DateTime', description: 'When it was set or moved last.' }),
    endedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it fired or was cancelled; null while it is set.',
      resolve: (row) => row.endedAt ?? null,
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
export const TimerConnection = builder.connectionObject(
  { name: 'TimerConnection', type: TimerType },
  { name: 'TimerEdge' },
)
