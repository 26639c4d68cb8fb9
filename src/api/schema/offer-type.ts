import type { Hardware } from '../../../domain/lease/facts.ts'
import { announcements } from '../../../projections/announcements.ts'
import { type OfferRow, offers } from '../../../projections/offers.ts'
import { AnnouncementType } from './announcement-type.ts'
import { AvailabilityType, ServedType } from './availability-type.ts'
import { builder } from './builder.ts'
import { PriceType, ResourcesType } from './value-types.ts'

export const OfferStatusEnum = builder.enumType('OfferStatus', {
  description: 'REPLACED: the provider offered again. REFUSED: no lease came of it.',
  values: {
    OPEN: { value: 'open' },
    REPLACED: { value: 'replaced' },
    AGREED: { value: 'agreed' },
    REFUSED: { value: 'refused' },
  } as const,
})

export const HardwareType = builder.objectRef<Hardware>('Hardware').implement({
  description: 'What a provider says of its machine.',
  fields: (t) => ({
    cpuModel: t.exposeString('cpuModel'),
    cores: t.exposeFloat('cores'),
    memoryBytes: t.field({ type: 'Amount', resolve: (it) => BigInt(it.memoryBytes) }),
    marks: t.field({
      type: 'JSON',
      description: 'Benchmark marks by name: work per second, higher is better.',
      resolve: (it) => it.marks,
    }),
  }),
})

export const OfferRef = builder.objectRef<OfferRow>('Offer')
export const OfferType = builder.node(OfferRef, {
  description: 'One offer of a provider for an announcement.',
  id: { resolve: (row) => row.id },
  loadOne: (id, { projector }) => projector.byId(offers, id),
  fields: (t) => ({
    leaseId: t.expose('lease', { type: 'Hex' }),
    announcementTxid: t.expose('announcement', { type: 'Hex' }),
    announcement: t.field({
      type: AnnouncementType,
      nullable: true,
      resolve: (row, _, { projector }) => projector.byId(announcements, row.announcement) ?? null,
    }),
    providerKey: t.expose('provider', { type: 'PublicKey' }),
    image: t.exposeString('image'),
    resources: t.expose('resources', { type: ResourcesType }),
    price: t.expose('price', { type: PriceType }),
    hourlyMsat: t.expose('hourlyMsat', { type: 'Amount', description: 'Full use for an hour.' }),
    counterHourlyMsat: t.field({
      type: 'Amount',
      nullable: true,
      description: 'What the publisher said instead.',
      resolve: (row) => row.counterHourlyMsat ?? null,
    }),
    hardware: t.expose('hardware', { type: HardwareType }),
    availability: t.field({
      type: AvailabilityType,
      nullable: true,
      description: 'What the provider says of itself; null before it lent anything, and of an older one.',
      resolve: (row) => row.availability ?? null,
    }),
    seen: t.field({
      type: ServedType,
      nullable: true,
      description:
        'What this publisher saw itself of the provider, in its own leases of the 30 days before; null when there were none.',
      resolve: (row) => row.seen ?? null,
    }),
    final: t.exposeBoolean('final', { description: 'Not to be countered.' }),
    status: t.field({ type: OfferStatusEnum, resolve: (row) => row.status }),
    at: t.expose('at', { type: 'DateTime' }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
export const OfferConnection = builder.connectionObject(
  { name: 'OfferConnection', type: OfferType },
  { name: 'OfferEdge' },
)
