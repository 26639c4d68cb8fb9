import type { ChannelTerms } from '../channel/facts.ts'
import { MAX_TOP_UPS } from '../channel/legs.ts'
import type { PriceVector } from '../price.ts'
import { ISOLATIONS, type Resources } from '../resources.ts'
import { amount, hexOf, list, oneOf, optional, record, type Shape, text, whole } from '../shape.ts'
import type { InsideTolerance, PastPrice, Revision, Terms } from '../terms.ts'
import type { PausedUsage, TrafficCaps, UsageVector } from '../usage.ts'
import { MAX_PRICES, MAX_REVISIONS } from './change.ts'
import type { ShellAddress } from './facts.ts'
import { MAX_NOTICE_MS } from './notice.ts'
import type { Receipt, SignedReceipt } from './receipt.ts'

// What facts and receipts of a lease are made of, each within bounds: a file may come from anybody.

/** 21 million coins, sats. */
const MAX_SATS = 2_100_000_000_000_000n
export const MAX_HEIGHT = 499_999_999
const YEAR_MS = 366 * 24 * 3_600_000
const TIB = 2 ** 40

export const sats = amount(MAX_SATS)
export const msat = amount(MAX_SATS * 1_000n)
export const counter = amount(1n << 80n)
export const tick = whole(0)
export const key = hexOf(33)
export const signature = hexOf(64)
export const txid = hexOf(32)
export const vout = whole(0, 65_535)
export const leaseId = hexOf(16)
export const outPoint = text(70, /^[0-9a-f]{64}:\d{1,5}$/, 'txid:vout')
/** Number of a channel beside the lease's first. */
export const leg = whole(1, MAX_TOP_UPS)

const resources: Shape<Resources> = record<Resources>({
  cpuMillis: whole(1, 1_024_000),
  memoryBytes: whole(1, 64 * TIB),
  diskBytes: whole(0, 1_024 * TIB),
  pids: whole(1, 4_194_304),
})

export const price: Shape<PriceVector> = record<PriceVector>({
  startMsat: msat,
  wallHour: msat,
  cpuHour: msat,
  memGiBHour: msat,
  diskGiBHour: msat,
  ioReadGiB: msat,
  ioWriteGiB: msat,
  netRxGiB: msat,
  netTxGiB: msat,
  pausedDiskGiBHour: optional(msat),
})

export const usage: Shape<UsageVector> = record<UsageVector>({
  wallUs: counter,
  cpuUs: counter,
  memByteSeconds: counter,
  diskByteSeconds: counter,
  ioReadBytes: counter,
  ioWriteBytes: counter,
  netRxBytes: counter,
  netTxBytes: counter,
  paused: optional(record<PausedUsage>({ wallUs: counter, diskByteSeconds: counter })),
})

export const channelTerms: Shape<ChannelTerms> = record<ChannelTerms>({
  publisherKey: key,
  providerKey: key,
  capacitySats: sats,
  expiryHeight: whole(1, MAX_HEIGHT),
  publisherScript: hexOf(0, 64),
  providerScript: hexOf(0, 64),
})

/** Placeholders stand where a key was forgotten. */
export const shell: Shape<ShellAddress> = record<ShellAddress>({
  user: text(40),
  hostKey: text(2_000),
})

export const terms: Shape<Terms> = record<Terms>({
  version: oneOf(1),
  leaseId,
  network: text(32),
  announcement: outPoint,
  publisherKey: key,
  providerKey: key,
  image: text(256),
  resources,
  isolation: oneOf(...ISOLATIONS),
  machineNetwork: oneOf('none', 'bridge'),
  price,
  caps: record<TrafficCaps>({ ioBytesPerS: counter, netBytesPerS: counter }),
  inside: optional(
    record<InsideTolerance>({
      everyMs: whole(1, 3_600_000),
      slackMs: whole(0, 600_000),
      permille: whole(0, 10_000),
      readings: whole(1, 1_000),
    }),
  ),
  tickMs: whole(100, 60_000),
  graceTicks: whole(1, 100),
  reconnectMs: whole(0, 3_600_000),
  unconfirmedTicks: whole(0, 100_000),
  maxDurationMs: whole(1_000, YEAR_MS),
  noticeMs: optional(whole(0, MAX_NOTICE_MS)),
  dataGraceMs: whole(0, 7 * 24 * 3_600_000),
  maxPauseMs: optional(whole(0, YEAR_MS)),
  shell: record<Terms['shell']>({
    user: text(40),
    authorizedKeys: list(text(2_000), 0, 16),
    hostKey: text(2_000),
  }),
  channel: channelTerms,
  revision: optional(
    record<Revision>({
      number: whole(1, MAX_REVISIONS),
      previous: hexOf(32),
      past: optional(list(record<PastPrice>({ price, tick, until: usage }), 1, MAX_PRICES)),
    }),
  ),
})

export const receipt: Shape<Receipt> = record<Receipt>({
  version: oneOf(1),
  leaseId,
  network: text(32),
  termsHash: hexOf(32),
  publisherKey: key,
  providerKey: key,
  funding: outPoint,
  topUps: optional(list(outPoint, 1, MAX_TOP_UPS)),
  ticks: tick,
  usage,
  owedMsat: msat,
  paidSats: sats,
  code: text(40),
  culprit: text(40),
})

export const signedReceipt: Shape<SignedReceipt> = record<SignedReceipt>({
  receipt,
  publisherSignature: optional(signature),
  providerSignature: optional(signature),
})
