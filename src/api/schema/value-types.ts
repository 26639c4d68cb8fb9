import type { RuleVerdict, Verdict } from '../../../domain/match.ts'
import type { BillLine, PriceVector } from '../../../domain/price.ts'
import { ISOLATIONS, type Isolation, type Resources } from '../../../domain/resources.ts'
import type { UsageVector } from '../../../domain/usage.ts'
import { builder } from './builder.ts'

export const IsolationEnum = builder.enumType('Isolation', {
  description: 'How strongly a machine is kept apart from its host, weakest first.',
  values: Object.fromEntries(ISOLATIONS.map((name) => [name.toUpperCase(), { value: name }])) as Record<
    Uppercase<Isolation>,
    { value: Isolation }
  >,
})

export const MachineNetworkEnum = builder.enumType('MachineNetwork', {
  description: 'What network a machine has: NONE, or BRIDGE to the Internet through its provider.',
  values: { NONE: { value: 'none' }, BRIDGE: { value: 'bridge' } } as const,
})

export const ResourcesType = builder.objectRef<Resources>('Resources').implement({
  description: 'The hard limits of a machine.',
  fields: (t) => ({
    cpuMillis: t.exposeInt('cpuMillis', { description: 'Thousandths of a core.' }),
    memoryBytes: t.field({ type: 'Amount', resolve: (it) => BigInt(it.memoryBytes) }),
    diskBytes: t.field({ type: 'Amount', resolve: (it) => BigInt(it.diskBytes) }),
    pids: t.exposeInt('pids', { description: 'Processes and threads at the same time.' }),
  }),
})

export const PriceType = builder.objectRef<PriceVector>('Price').implement({
  description: 'msat per natural unit: hours of wall and CPU time, GiB·hours of memory and disk, GiB of traffic.',
  fields: (t) => ({
    startMsat: t.expose('startMsat', { type: 'Amount', description: 'Once, msat.' }),
    wallHour: t.expose('wallHour', { type: 'Amount' }),
    cpuHour: t.expose('cpuHour', { type: 'Amount' }),
    memGiBHour: t.expose('memGiBHour', { type: 'Amount' }),
    diskGiBHour: t.expose('diskGiBHour', { type: 'Amount' }),
    ioReadGiB: t.expose('ioReadGiB', { type: 'Amount' }),
    ioWriteGiB: t.expose('ioWriteGiB', { type: 'Amount' }),
    netRxGiB: t.expose('netRxGiB', { type: 'Amount' }),
    netTxGiB: t.expose('netTxGiB', { type: 'Amount' }),
    pausedDiskGiBHour: t.field({
      type: 'Amount',
      description: 'Of the disk while the machine is paused.',
      resolve: (price) => price.pausedDiskGiBHour ?? price.diskGiBHour,
    }),
  }),
})

export const UsageType = builder.objectRef<UsageVector>('Usage').implement({
  description: 'What was used since the machine was ready; counters never fall.',
  fields: (t) => ({
    wallUs: t.expose('wallUs', { type: 'Amount', description: 'Microseconds.' }),
    cpuUs: t.expose('cpuUs', { type: 'Amount', description: 'Microseconds of one core.' }),
    memByteSeconds: t.expose('memByteSeconds', { type: 'Amount' }),
    diskByteSeconds: t.expose('diskByteSeconds', { type: 'Amount' }),
    ioReadBytes: t.expose('ioReadBytes', { type: 'Amount' }),
    ioWriteBytes: t.expose('ioWriteBytes', { type: 'Amount' }),
    netRxBytes: t.expose('netRxBytes', { type: 'Amount' }),
    netTxBytes: t.expose('netTxBytes', { type: 'Amount' }),
    pausedUs: t.field({ type: 'Amount', resolve: ({ paused }) => paused?.wallUs ?? 0n }),
    pausedDiskByteSeconds: t.field({
      type: 'Amount',
      description: 'Disk while the machine was paused; nothing else is used then.',
      resolve: ({ paused }) => paused?.diskByteSeconds ?? 0n,
    }),
  }),
})

export const BillLineType = builder.objectRef<BillLine>('BillLine').implement({
  description: 'One line of a bill; all lines together make up what is owed.',
  fields: (t) => ({
    item: t.exposeString('item', { description: 'A field of Price.' }),
    used: t.expose('used', { type: 'Amount', description: 'The counter of Usage that the item is priced by.' }),
    price: t.expose('price', { type: 'Amount', description: 'msat per natural unit.' }),
    msat: t.expose('msat', { type: 'Amount', description: 'What it comes to, rounded down.' }),
  }),
})

export const RuleVerdictType = builder.objectRef<RuleVerdict>('RuleVerdict').implement({
  description: 'One rule’s answer: what was wanted, and what there is.',
  fields: (t) => ({
    rule: t.exposeString('rule'),
    ok: t.exposeBoolean('ok'),
    want: t.exposeString('want'),
    have: t.exposeString('have'),
  }),
})

export const VerdictType = builder.objectRef<Verdict>('Verdict').implement({
  description: 'Whether a provider’s policy takes a request, rule by rule; also after one rule said no.',
  fields: (t) => ({
    ok: t.exposeBoolean('ok'),
    rules: t.expose('rules', { type: [RuleVerdictType] }),
  }),
})
