import { blocks } from '../../../projections/blocks.ts'
import { effects } from '../../../projections/effects.ts'
import { type ReorganisationRow, reorganisations } from '../../../projections/reorganisations.ts'
import { timers } from '../../../projections/timers.ts'
import type { ChainNetwork, ChainPeer, ChainPeers } from '../network/port.ts'
import { type NetworkHealth, networkHealth } from '../network-health.ts'
import { builder } from './builder.ts'
import { freshArg, listArgs, pageOf } from './connection.ts'
import { IntRange, numbers, TimeRange, times } from './filter.ts'
import { untilFresh } from './fresh.ts'
import { orderType } from './order.ts'

const DirectionEnum = builder.enumType('PeerDirection', {
  values: {
    INBOUND: { value: 'inbound', description: 'It called.' },
    OUTBOUND: { value: 'outbound', description: 'It was called.' },
    MANUAL: { value: 'manual', description: 'It was called, as the operator said.' },
  } as const,
})

const PeerType = builder.objectRef<ChainPeer>('ChainPeer').implement({
  description: 'Another node of the chain.',
  fields: (t) => ({
    number: t.exposeInt('id', { description: 'Of the connection.' }),
    address: t.exposeString('address'),
    direction: t.expose('direction', { type: DirectionEnum }),
    userAgent: t.exposeString('userAgent', { description: 'As it says itself.' }),
    connectedAt: t.expose('connectedAt', { type: 'DateTime' }),
    height: t.exposeInt('height', { description: 'Of the best block that it has shown.' }),
    pingMs: t.float({ nullable: true, resolve: ({ pingMs }) => pingMs ?? null }),
    lastBlockAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ lastBlockAt }) => lastBlockAt ?? null }),
    sentBytes: t.field({ type: 'Amount', resolve: ({ sentBytes }) => BigInt(sentBytes) }),
    receivedBytes: t.field({ type: 'Amount', resolve: ({ receivedBytes }) => BigInt(receivedBytes) }),
  }),
})

const PeersType = builder.objectRef<ChainPeers>('ChainPeers').implement({
  description: 'With whom the chain in this process speaks.',
  fields: (t) => ({
    listening: t.string({
      nullable: true,
      description: 'Where others can call; null: they cannot.',
      resolve: ({ listening }) => listening ?? null,
    }),
    bestHeight: t.exposeInt('bestHeight', { description: 'Of the chain with the most work that anybody has shown.' }),
    knownAddresses: t.exposeInt('knownAddresses'),
    peers: t.field({ type: [PeerType], description: '125 at the most.', resolve: ({ peers }) => [...peers] }),
  }),
})

type Health = NetworkHealth & { readonly chain: ChainNetwork | undefined; readonly position: number }

const HealthType = builder.objectRef<Health>('NetworkHealth').implement({
  description:
    'The chain as this node followed it, and what it has to do because of its log; tables are under `projections`.',
  fields: (t) => ({
    height: t.int({ nullable: true, description: 'Of the newest block.', resolve: ({ height }) => height ?? null }),
    blockTime: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Of the newest block, as its miner said.',
      resolve: ({ blockTime }) => blockTime ?? null,
    }),
    connectedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When this node connected it.',
      resolve: ({ connectedAt }) => connectedAt ?? null,
    }),
    blockIntervalS: t.float({
      nullable: true,
      description: 'Mean of the newest 144 intervals at the most, by the clocks of miners.',
      resolve: ({ intervalS }) => intervalS ?? null,
    }),
    blockIntervals: t.exposeInt('intervals', { description: 'That it is the mean of.' }),
    intendedIntervalS: t.float({
      nullable: true,
      description: 'By the law of the chain; null where there is no chain.',
      resolve: ({ chain }) => chain?.spacingS ?? null,
    }),
    peers: t.field({
      type: PeersType,
      nullable: true,
      description: 'Null where the chain is another program’s.',
      resolve: ({ chain }) => chain?.peers ?? null,
    }),
    openEffects: t.exposeInt('openEffects', { description: 'To be done.' }),
    parkedEffects: t.exposeInt('parkedEffects', { description: 'That wait for a person.' }),
    oldestEffectAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the oldest open one was asked for.',
      resolve: ({ oldestEffectAt }) => oldestEffectAt ?? null,
    }),
    timers: t.exposeInt('timers', { description: 'That are set.' }),
    overdueTimers: t.exposeInt('overdueTimers', { description: 'Whose time has come, and that have not fired.' }),
    position: t.expose('position', { type: 'Position' }),
  }),
})

const ReorganisationRef = builder.objectRef<ReorganisationRow>('Reorganisation')
const ReorganisationType = builder.node(ReorganisationRef, {
  description: 'Once that another branch of the chain took over.',
  id: { resolve: ({ id }) => id },
  loadOne: (id, { projector }) => projector.byId(reorganisations, id),
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When this node followed it.' }),
    depth: t.exposeInt('depth', { description: 'Blocks that were left.' }),
    height: t.exposeInt('height', { description: 'Of the newest block that both branches have.' }),
    hash: t.expose('hash', { type: 'Hex', description: 'Of that block.' }),
    from: t.expose('from', { type: 'Hex', description: 'The tip that was left.' }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
const ReorganisationConnection = builder.connectionObject(
  { name: 'ReorganisationConnection', type: ReorganisationType },
  { name: 'ReorganisationEdge' },
)
const ReorganisationFilter = builder.inputType('ReorganisationFilter', {
  fields: (t) => ({ at: t.field({ type: TimeRange }), depth: t.field({ type: IntRange }) }),
})
const ReorganisationOrder = orderType('Reorganisation', {
  CHANGED: { value: 'position', description: 'As they were followed.' },
  DEPTH: { value: 'depth' },
})

builder.queryFields((t) => ({
  networkHealth: t.field({
    type: HealthType,
    args: freshArg,
    resolve: async (_, { atLeast }, context) => {
      const tables = [blocks, effects, timers].map(({ name }) => name)
      await untilFresh(context, atLeast, ...tables)
      const { projector, market, clock } = context
      const position = Math.min(...tables.map((name) => projector.position(name)))
      return { ...networkHealth(projector, clock.now()), chain: market.chainNetwork(), position }
    },
  }),
  reorganisations: t.field({
    type: ReorganisationConnection,
    args: {
      ...listArgs,
      filter: t.arg({ type: ReorganisationFilter, required: false }),
      orderBy: t.arg({ type: ReorganisationOrder, required: false, description: 'Default CHANGED, descending.' }),
    },
    resolve: (_, { filter, orderBy, ...args }, context) =>
      pageOf(context, reorganisations, args, {
        order: orderBy ?? { by: 'position', direction: 'DESCENDING' },
        where: { at: times(filter?.at), depth: numbers(filter?.depth) },
      }),
  }),
}))
