import type { RecordFacts } from '../../../domain/announcement/facts.ts'
import type { Isolation } from '../../../domain/resources.ts'
import { type AnnouncementRow, announcements } from '../../../projections/announcements.ts'
import { builder } from './builder.ts'
import { IsolationEnum, MachineNetworkEnum, ResourcesType, VerdictType } from './value-types.ts'

export const AnnouncementStatusEnum = builder.enumType('AnnouncementStatus', {
  description:
    'POSTED: this node’s own, not seen on the chain yet. STANDING: its bond is unspent and it has not expired.',
  values: {
    POSTED: { value: 'posted' },
    STANDING: { value: 'standing' },
    WITHDRAWN: { value: 'withdrawn' },
    EXPIRED: { value: 'expired' },
  } as const,
})

const RecordType = builder.objectRef<RecordFacts>('AnnouncementRecord').implement({
  description: 'What the chain says of an announcement.',
  fields: (t) => ({
    isolation: t.field({ type: IsolationEnum, resolve: (it) => it.isolation as Isolation }),
    count: t.exposeInt('count', { description: 'Machines wanted.' }),
    cpuMillis: t.field({ type: 'Amount', resolve: (it) => BigInt(it.cpuMillis) }),
    memoryMiB: t.field({ type: 'Amount', resolve: (it) => BigInt(it.memoryMiB) }),
    diskGiB: t.field({ type: 'Amount', resolve: (it) => BigInt(it.diskGiB) }),
    maxHourlyMsat: t.expose('maxHourlyMsat', { type: 'Amount', description: 'Ceiling for an hour of full use.' }),
    expiryHeight: t.field({ type: 'Amount', description: 'Block height.', resolve: (it) => BigInt(it.expiryHeight) }),
    endpoint: t.string({
      description: 'Where its publisher listens.',
      resolve: ({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`),
    }),
    bodyHash: t.expose('bodyHash', { type: 'Hex' }),
  }),
})

export const AnnouncementRef = builder.objectRef<AnnouncementRow>('Announcement')
export const AnnouncementType = builder.node(AnnouncementRef, {
  description: 'Machines wanted, as this node knows of it.',
  id: { resolve: (row) => row.id },
  loadOne: (id, { projector }) => projector.byId(announcements, id),
  fields: (t) => ({
    txid: t.expose('id', { type: 'Hex' }),
    own: t.exposeBoolean('own', { description: 'Posted by this node.' }),
    status: t.field({ type: AnnouncementStatusEnum, resolve: (row) => row.status }),
    author: t.field({
      type: 'PublicKey',
      nullable: true,
      description: 'Null until it was seen.',
      resolve: (row) => row.author || null,
    }),
    bondSats: t.expose('bondSats', { type: 'Amount' }),
    record: t.field({ type: RecordType, nullable: true, resolve: (row) => row.record ?? null }),
    described: t.boolean({ description: 'Its publisher told the rest.', resolve: (row) => row.body !== undefined }),
    label: t.string({ nullable: true, resolve: (row) => row.body?.label ?? null }),
    image: t.string({ nullable: true, resolve: (row) => row.body?.image ?? null }),
    resources: t.field({ type: ResourcesType, nullable: true, resolve: (row) => row.body?.resources ?? null }),
    isolation: t.field({ type: IsolationEnum, nullable: true, resolve: (row) => row.body?.isolation ?? null }),
    network: t.field({ type: MachineNetworkEnum, nullable: true, resolve: (row) => row.body?.machineNetwork ?? null }),
    count: t.int({ nullable: true, resolve: (row) => row.body?.count ?? row.record?.count ?? null }),
    maxHourlyMsat: t.field({
      type: 'Amount',
      nullable: true,
      resolve: (row) => row.body?.maxHourlyMsat ?? row.record?.maxHourlyMsat ?? null,
    }),
    maxDurationS: t.float({
      nullable: true,
      resolve: (row) => (row.body === undefined ? null : row.body.maxDurationMs / 1_000),
    }),
    minAvailability: t.float({
      nullable: true,
      description: 'How available a provider must have been in the last 30 days, percent; null: it does not matter.',
      resolve: (row) => {
        const least = row.body?.minAvailabilityPermille
        return least === undefined ? null : least / 10
      },
    }),
    verdict: t.field({
      type: VerdictType,
      nullable: true,
      description: 'This node’s own policy, rule by rule; null when it lends nothing out.',
      resolve: (row) => row.verdict ?? null,
    }),
    height: t.int({ nullable: true, description: 'Of its block.', resolve: (row) => row.height ?? null }),
    forgotten: t.exposeBoolean('forgotten', {
      description: 'Its label and keys are gone for good; what the chain says of it is not.',
    }),
    firstAt: t.expose('firstAt', { type: 'DateTime', description: 'When this node first knew of it.' }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
export const AnnouncementConnection = builder.connectionObject(
  { name: 'AnnouncementConnection', type: AnnouncementType },
  { name: 'AnnouncementEdge' },
)
