import { NOTIFICATION_KINDS, type NotificationRow, notifications } from '../../../projections/notifications.ts'
import type { Queried } from '../../projector/port.ts'
import type { Alert } from '../alerts.ts'
import { ALERT_KINDS } from '../alerts.ts'
import { builder } from './builder.ts'
import { untilFresh } from './fresh.ts'
import { CaughtUpType, itemTypeOf, LaggedType, SnapshotRequiredType, type ToldFact } from './told-types.ts'

const enumOf = <Name extends string>(name: string, values: readonly Name[], description?: string) =>
  builder.enumType(name, {
    ...(description === undefined ? {} : { description }),
    values: Object.fromEntries(values.map((value) => [value.toUpperCase().replaceAll('-', '_'), { value }])) as Record<
      string,
      { value: Name }
    >,
  })

export const SeverityEnum = builder.enumType('Severity', {
  values: {
    INFO: { value: 'info', description: 'Good to know.' },
    WARNING: { value: 'warning', description: 'Look at it.' },
    CRITICAL: { value: 'critical', description: 'It waits for a person.' },
  } as const,
})
export const NotificationKindEnum = enumOf(
  'NotificationKind',
  NOTIFICATION_KINDS,
  'LEASE_ENDED: by another than this node’s own wish. LEASE_FAILED: after it was agreed. NOTICE_GIVEN: the other side announced an end. MONEY_REORGANISED: a reorganisation touched own coins, channels or announcements.',
)
const SubjectEnum = enumOf('SubjectKind', [
  'lease',
  'transaction',
  'effect',
  'announcement',
  'channel',
  'projection',
] as const)
const AlertKindEnum = enumOf('AlertKind', ALERT_KINDS)

/** Without the rows that only the fold needs. */
export const NOTIFICATIONS = notifications as unknown as Queried<NotificationRow, keyof typeof notifications.columns>

const NotificationRef = builder.objectRef<NotificationRow>('Notification')
export const NotificationType = builder.node(NotificationRef, {
  description: 'Something that happened and that a person must know.',
  id: { resolve: ({ id }) => id },
  loadOne: (id, { projector }) => {
    const row = projector.byId(notifications, id)
    return row?.list === 'notification' ? row : undefined
  },
  fields: (t) => ({
    kind: t.field({ type: NotificationKindEnum, resolve: ({ kind }) => kind }),
    severity: t.expose('severity', { type: SeverityEnum }),
    at: t.expose('at', { type: 'DateTime' }),
    subjectKind: t.field({ type: SubjectEnum, resolve: ({ subjectKind }) => subjectKind }),
    subjectId: t.exposeString('subject', { description: 'A lease id, a txid, an effect id.' }),
    code: t.string({
      nullable: true,
      description: 'Stable: of an end, a failure or a fault.',
      resolve: ({ code }) => code ?? null,
    }),
    culprit: t.string({ nullable: true, resolve: ({ culprit }) => culprit ?? null }),
    next: t.string({ nullable: true, description: 'What to do now.', resolve: ({ next }) => next ?? null }),
    sats: t.field({
      type: 'Amount',
      nullable: true,
      description: 'Of a payment.',
      resolve: ({ sats }) => sats ?? null,
    }),
    endsAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When a lease is to end.',
      resolve: ({ endsAt }) => endsAt ?? null,
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
export const NotificationConnection = builder.connectionObject(
  { name: 'NotificationConnection', type: NotificationType },
  { name: 'NotificationEdge' },
)

export type AlertShape = Alert & { readonly position: number }
export const AlertType = builder.objectRef<AlertShape>('Alert').implement({
  description: 'Something that holds now and that a person should look at; it goes when it holds no more.',
  fields: (t) => ({
    kind: t.field({ type: AlertKindEnum, resolve: ({ kind }) => kind }),
    severity: t.expose('severity', { type: SeverityEnum }),
    subjectKind: t.field({ type: SubjectEnum, nullable: true, resolve: ({ subjectKind }) => subjectKind ?? null }),
    subjectId: t.string({ nullable: true, resolve: ({ subject }) => subject ?? null }),
    code: t.string({ nullable: true, resolve: ({ code }) => code ?? null }),
    next: t.exposeString('next', { description: 'What to do now.' }),
    dueAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When money runs out.',
      resolve: ({ dueAt }) => dueAt ?? null,
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})

const NotificationEventType = builder.objectRef<ToldFact>('NotificationEvent').implement({
  description: 'A fact that may be one to notify of.',
  fields: (t) => ({
    position: t.field({ type: 'Position', resolve: ({ recorded }) => recorded.position }),
    notification: t.field({
      type: NotificationType,
      nullable: true,
      description: 'Null when it is nothing that a person must know.',
      resolve: async ({ recorded: { position } }, _, context) => {
        await untilFresh(context, position, notifications.name)
        const where = { list: 'notification', position }
        return context.projector.query(NOTIFICATIONS, { where, orderBy: 'number', limit: 1 })[0]?.row ?? null
      },
    }),
  }),
})
export const NotificationFeedItem = builder.unionType('NotificationFeedItem', {
  types: [NotificationEventType, CaughtUpType, LaggedType, SnapshotRequiredType],
  resolveType: itemTypeOf('NotificationEvent'),
})
