import { reasonOf } from '../../../domain/lease/ends.ts'
import { type ProviderRow, providers } from '../../../projections/providers.ts'
import { AvailabilityType } from './availability-type.ts'
import { builder } from './builder.ts'
import { HardwareType } from './offer-type.ts'
import { IsolationEnum, PriceType } from './value-types.ts'

type EndCount = { readonly code: keyof ProviderRow['ends']; readonly count: number }

const EndCountType = builder.objectRef<EndCount>('EndCount').implement({
  description: 'How often leases ended so, or never came to be.',
  fields: (t) => ({
    code: t.string({ description: 'Stable.', resolve: ({ code }) => code }),
    culprit: t.string({ resolve: ({ code }) => reasonOf(code).culprit }),
    count: t.exposeInt('count'),
  }),
})

const endsOf = ({ ends }: ProviderRow): EndCount[] =>
  Object.entries(ends).map(([code, count]) => ({ code: code as EndCount['code'], count: count ?? 0 }))

/** Whose doing an end was, when it was the provider's: by its choice, by its host, or because it was silent. */
const isFault = ({ code }: EndCount): boolean =>
  code !== 'stopped-by-provider' &&
  (['provider', 'host'].includes(reasonOf(code).culprit) || code === 'provider-silent')

const seconds = (ms: number): number => ms / 1_000

export const ProviderRef = builder.objectRef<ProviderRow>('Provider')
export const ProviderType = builder.node(ProviderRef, {
  description: 'A provider as this publisher’s node met it: what it offered, and what came of it.',
  id: { resolve: ({ id }) => id },
  loadOne: (key, { projector }) => {
    const row = projector.byId(providers, key)
    return row?.list === 'provider' ? row : undefined
  },
  fields: (t) => ({
    key: t.expose('id', { type: 'PublicKey' }),
    firstAt: t.expose('firstAt', { type: 'DateTime', description: 'Of its first offer to this node.' }),
    lastAt: t.expose('lastAt', { type: 'DateTime', description: 'Of the newest.' }),
    offerCount: t.exposeInt('offers'),
    price: t.expose('price', { type: PriceType, description: 'Of its newest offer, as hourlyMsat and hardware are.' }),
    hourlyMsat: t.expose('hourlyMsat', { type: 'Amount', description: 'Full use of that machine for an hour.' }),
    hardware: t.expose('hardware', { type: HardwareType, description: 'As it says itself, benchmark marks and all.' }),
    availability: t.field({
      type: AvailabilityType,
      nullable: true,
      description: 'What it says of itself, with its newest offer; null when it said nothing.',
      resolve: ({ availability }) => availability ?? null,
    }),
    isolation: t.field({ type: IsolationEnum, resolve: ({ isolation }) => isolation }),
    images: t.stringList({
      description: 'What it offered to run, the newest first, 32 at the most.',
      resolve: ({ images }) => [...images],
    }),
    internet: t.exposeBoolean('bridge', { description: 'It offered a machine that reaches the network.' }),
    mostDiskBytes: t.field({
      type: 'Amount',
      description: 'The largest disk that it offered.',
      resolve: (row) => BigInt(row.diskBytes),
    }),
    mostDurationS: t.float({
      description: 'The longest duration that it offered.',
      resolve: (row) => seconds(row.maxDurationMs),
    }),
    agreedCount: t.exposeInt('agreed', { description: 'Leases that both sides signed.' }),
    servedCount: t.exposeInt('served', { description: 'Leases whose machine and money were both there.' }),
    servingCount: t.int({ description: 'Now.', resolve: ({ serving }) => Object.keys(serving).length }),
    servedS: t.float({
      description: 'How long it served this node in all, those that run included.',
      resolve: ({ servedMs, serving }, _, { clock }) =>
        seconds(Object.values(serving).reduce((sum, since) => sum + Math.max(0, clock.now() - since), servedMs)),
    }),
    paidSats: t.expose('paidSats', { type: 'Amount', description: 'By leases that are settled.' }),
    ends: t.field({ type: [EndCountType], resolve: endsOf }),
    faultCount: t.int({
      description:
        'Of those, by its own or its host’s fault, or because it was silent; stops by its choice not counted.',
      resolve: (row) =>
        endsOf(row)
          .filter(isFault)
          .reduce((sum, { count }) => sum + count, 0),
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
export const ProviderConnection = builder.connectionObject(
  { name: 'ProviderConnection', type: ProviderType },
  { name: 'ProviderEdge' },
)
