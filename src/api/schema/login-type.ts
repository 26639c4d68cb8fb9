import { type LoginRow, logins } from '../../../projections/logins.ts'
import { builder } from './builder.ts'
import { listArgs } from './connection.ts'
import { anyOf, TimeRange, times } from './filter.ts'
import { orderType } from './order.ts'

const LoginStateEnum = builder.enumType('LoginState', {
  values: {
    OPEN: { value: 'open' },
    CLOSED: { value: 'closed' },
    COUNTED: { value: 'counted', description: 'No login: how many were refused, or not written down one by one.' },
  } as const,
})

const LoginEndEnum = builder.enumType('LoginEnd', {
  values: {
    CLIENT: { value: 'client', description: 'The client left, or its connection broke.' },
    REVOKED: { value: 'revoked', description: 'The lease ended, or its key was withdrawn.' },
    IDLE: { value: 'idle', description: 'Nothing went through it for too long.' },
    NODE_STOPPED: { value: 'node-stopped' },
  } as const,
})

const LoginChannelsType = builder.objectRef<LoginRow['channels']>('LoginChannels').implement({
  description: 'Channels that a login opened, by kind.',
  fields: (t) => ({
    shell: t.exposeInt('shell'),
    exec: t.exposeInt('exec'),
    sftp: t.exposeInt('sftp'),
    forward: t.exposeInt('forward', { description: 'Connections that were forwarded, either way.' }),
    listener: t.exposeInt('listener', { description: 'Ports and sockets that were listened at in the machine.' }),
  }),
})

const LoginRef = builder.objectRef<LoginRow>('Login')
const LoginType = builder.node(LoginRef, {
  description: 'A login to the machine of a lease that this node provides: who and when, never what was done.',
  id: { resolve: (row) => row.id },
  loadOne: (id, { projector }) => projector.byId(logins, id),
  fields: (t) => ({
    state: t.field({ type: LoginStateEnum, resolve: (row) => row.state }),
    key: t.exposeString('key', { description: 'SHA256:… of the public key.' }),
    from: t.exposeString('from', { description: 'Address of the client; `tunnel` by the lease’s own session.' }),
    at: t.expose('at', { type: 'DateTime' }),
    closedAt: t.field({ type: 'DateTime', nullable: true, resolve: (row) => row.closedAt ?? null }),
    why: t.field({ type: LoginEndEnum, nullable: true, resolve: (row) => row.why ?? null }),
    channels: t.expose('channels', { type: LoginChannelsType }),
    rxBytes: t.expose('rxBytes', { type: 'Amount', description: 'Into the machine.' }),
    txBytes: t.expose('txBytes', { type: 'Amount', description: 'Out of the machine.' }),
    refused: t.exposeInt('refused', { description: 'Connections that proved no granted key.' }),
    unrecorded: t.exposeInt('unrecorded', { description: 'Logins beyond what is written down in a minute.' }),
    forgotten: t.exposeBoolean('forgotten'),
    position: t.expose('position', { type: 'Position' }),
  }),
})
export const LoginConnection = builder.connectionObject(
  { name: 'LoginConnection', type: LoginType },
  { name: 'LoginEdge' },
)

const LoginFilter = builder.inputType('LoginFilter', {
  fields: (t) => ({
    state: t.field({ type: [LoginStateEnum], description: 'Any of these.' }),
    at: t.field({ type: TimeRange }),
  }),
})
const LoginOrder = orderType('Login', {
  BEGAN: { value: 'began', description: 'The order in which they were written down.' },
  AT: { value: 'at' },
})
export const loginArgs = builder.args((t) => ({
  ...listArgs,
  filter: t.field({ type: LoginFilter, required: false }),
  orderBy: t.field({ type: LoginOrder, required: false, description: 'Default BEGAN, descending.' }),
}))
export const whereLogin = (filter: typeof LoginFilter.$inferInput | null | undefined) => ({
  state: anyOf(filter?.state),
  at: times(filter?.at),
})
