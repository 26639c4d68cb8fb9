import type { LeaseFact } from '../../domain/lease/facts.ts'
import { owedMsat } from '../../domain/price.ts'
import type { Terms } from '../../domain/terms.ts'
import { NO_USAGE, type UsageVector } from '../../domain/usage.ts'
import { AVAILABILITY, SEEN } from '../domain/lease/sample.ts'

export const PUBLISHER = `02${'a'.repeat(64)}`
export const PROVIDER = `03${'b'.repeat(64)}`
export const ANNOUNCEMENT = 'c'.repeat(64)
export const AT = 1_700_000_000_000

export const leaseIdNumber = (n: number): string => n.toString(16).padStart(32, '0')

export const termsOf = (leaseId: string, wallHour = 3_600_000n): Terms => ({
  version: 1,
  leaseId,
  network: 'zennet-local',
  announcement: `${ANNOUNCEMENT}:1`,
  publisherKey: PUBLISHER,
  providerKey: PROVIDER,
  image: 'zennet/busybox:1',
  resources: { cpuMillis: 1000, memoryBytes: 2 ** 28, diskBytes: 2 ** 30, pids: 64 },
  isolation: 'none',
  machineNetwork: 'none',
  price: {
    startMsat: 1_000n,
    wallHour,
    cpuHour: 7_200_000n,
    memGiBHour: 1_000n,
    diskGiBHour: 10n,
    ioReadGiB: 0n,
    ioWriteGiB: 0n,
    netRxGiB: 0n,
    netTxGiB: 0n,
  },
  caps: { ioBytesPerS: 1_000_000n, netBytesPerS: 1_000_000n },
  tickMs: 1_000,
  graceTicks: 3,
  reconnectMs: 60_000,
  unconfirmedTicks: 10,
  maxDurationMs: 3_600_000,
  dataGraceMs: 10_000,
  shell: {
    user: 'lease-000000000000',
    authorizedKeys: ['ssh-ed25519 SECRETKEYOFSOMEBODY me'],
    hostKey: 'ssh-ed25519 HOST',
  },
  channel: {
    publisherKey: PUBLISHER,
    providerKey: PROVIDER,
    capacitySats: 50_000n,
    expiryHeight: 500,
    publisherScript: '00',
    providerScript: '01',
  },
})

export const usageAt = (tick: number): UsageVector => ({
  ...NO_USAGE,
  wallUs: BigInt(tick) * 1_000_000n,
  cpuUs: BigInt(tick) * 500_000n,
})

export const sought = (leaseId: string, at = AT): LeaseFact => ({
  type: 'lease.sought',
  at,
  leaseId,
  side: 'publisher',
  announcement: `${ANNOUNCEMENT}:1`,
  publisherKey: PUBLISHER,
  remote: '127.0.0.1:5000',
})

const hardware = { cpuModel: 'Some CPU', cores: 2, memoryBytes: 2 ** 33, marks: { sha256: 100 } }

export const offered = (leaseId: string, wallHour?: bigint): LeaseFact => ({
  type: 'lease.offered',
  at: AT + 4,
  terms: termsOf(leaseId, wallHour),
  hardware,
  final: false,
  availability: AVAILABILITY,
  seen: SEEN,
})

export const agreed = (leaseId: string, wallHour?: bigint): LeaseFact => ({
  type: 'lease.agreed',
  at: AT + 5,
  terms: termsOf(leaseId, wallHour),
  publisherSignature: '11',
  providerSignature: '22',
})

export const metered = (leaseId: string, tick: number): LeaseFact => ({
  type: 'lease.metered',
  at: AT + 10 + tick * 1000,
  tick,
  usage: usageAt(tick),
  owedMsat: owedMsat(termsOf(leaseId).price, usageAt(tick)),
})

/** From the search to the metering, as the publisher's side keeps it. */
export const toMetering = (leaseId: string): LeaseFact[] => [
  sought(leaseId),
  { type: 'lease.matched', at: AT + 1, verdict: { ok: true, rules: [] } },
  { type: 'lease.connected', at: AT + 2, remote: '127.0.0.1:5001' },
  { type: 'lease.challenged', at: AT + 3, peerKey: PROVIDER },
  offered(leaseId),
  agreed(leaseId),
  { type: 'lease.provisioned', at: AT + 6, shell: { user: 'lease-000000000000', hostKey: 'ssh-ed25519 HOST' } },
  { type: 'lease.funded', at: AT + 7, txid: 'd'.repeat(64), vout: 0, capacitySats: 50_000n },
]

/** From the end to the money. */
export const toSettled = (paidSats: bigint): LeaseFact[] => [
  { type: 'lease.noticed', at: AT + 20_000, by: 'publisher', code: 'stopped-by-publisher' },
  { type: 'lease.ended', at: AT + 20_001, code: 'stopped-by-publisher', culprit: 'publisher', why: 'asked to' },
  { type: 'lease.released', at: AT + 20_002 },
  { type: 'lease.settled', at: AT + 20_003, txid: 'e'.repeat(64), height: 42, paidSats },
]
