import { blocks } from '../../../projections/blocks.ts'
import { channels } from '../../../projections/channels.ts'
import { effects } from '../../../projections/effects.ts'
import { leases } from '../../../projections/leases.ts'
import { NOTIFYING } from '../../../projections/notifications.ts'
import { alertsNow } from '../alerts.ts'
import { LogSource } from '../live/log-source.ts'
import { builder } from './builder.ts'
import { freshArg, listArgs, pageOf } from './connection.ts'
import { anyOf, TimeRange, times } from './filter.ts'
import { forecastOf } from './forecast-type.ts'
import { untilFresh } from './fresh.ts'
import {
  AlertType,
  NOTIFICATIONS,
  NotificationConnection,
  NotificationFeedItem,
  NotificationKindEnum,
  SeverityEnum,
} from './notification-types.ts'
import { orderType } from './order.ts'

const NotificationFilter = builder.inputType('NotificationFilter', {
  fields: (t) => ({
    kind: t.field({ type: [NotificationKindEnum] }),
    severity: t.field({ type: [SeverityEnum] }),
    subject: t.stringList({ description: 'Ids of what they are about.' }),
    at: t.field({ type: TimeRange }),
  }),
})
const NotificationOrder = orderType('Notification', {
  NUMBER: { value: 'number', description: 'As they came: never changes.' },
})

builder.queryFields((t) => ({
  notifications: t.field({
    type: NotificationConnection,
    description: 'What happened and a person must know; the newest 10,000 are kept. What holds now is under `alerts`.',
    args: {
      ...listArgs,
      filter: t.arg({ type: NotificationFilter, required: false }),
      orderBy: t.arg({ type: NotificationOrder, required: false, description: 'Default NUMBER, descending.' }),
    },
    resolve: (_, { filter, orderBy, ...args }, context) =>
      pageOf(context, NOTIFICATIONS, args, {
        order: orderBy ?? { by: 'number', direction: 'DESCENDING' },
        where: {
          list: 'notification',
          kind: anyOf(filter?.kind),
          severity: anyOf(filter?.severity),
          subject: anyOf(filter?.subject),
          at: times(filter?.at),
        },
      }),
  }),
  alerts: t.field({
    type: [AlertType],
    description: 'What holds now and a person should look at: 100 of each kind at the most.',
    args: freshArg,
    resolve: async (_, { atLeast }, context) => {
      const tables = [leases, channels, effects, blocks].map(({ name }) => name)
      await untilFresh(context, atLeast, ...tables)
      const { projector, market } = context
      const position = Math.min(...tables.map((name) => projector.position(name)))
      const found = alertsNow({
        projector,
        budget: market.budget(),
        emptyAt: (row) => {
          const forecast = forecastOf(row, context)
          return forecast?.low ? forecast.emptyAt : undefined
        },
      })
      return found.map((alert) => ({ ...alert, position }))
    },
  }),
}))

builder.subscriptionField('notificationFeed', (t) =>
  t.field({
    type: NotificationFeedItem,
    description: 'Facts that may be ones to notify of: those that were, then live, without gap or duplicate.',
    args: {
      after: t.arg({
        type: 'Position',
        required: false,
        description: 'Exclusive: the position of the newest event that is known already. Absent: from the beginning.',
      }),
    },
    subscribe: (_, { after }, { journal, metrics, closing }) =>
      new LogSource({ journal, metrics, closing, after: after ?? 0, filter: { types: NOTIFYING } }),
    resolve: (told) => told as never,
  }),
)
