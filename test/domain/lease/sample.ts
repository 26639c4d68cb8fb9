import { type Availability, HOURS_OF_WEEK, type Served, type Span } from '../../../domain/availability/availability.ts'
import { changed } from '../../../domain/lease/change.ts'
import type { LeaseCommand } from '../../../domain/lease/commands.ts'
import type { Hardware, LeaseFact, ShellAddress, Side } from '../../../domain/lease/facts.ts'
import { type Inside, type InsideReading, readInside } from '../../../domain/lease/inside.ts'
import { receiptOf, type SignedReceipt } from '../../../domain/lease/receipt.ts'
import type { Verdict } from '../../../domain/match.ts'
import { owedMsat, type PriceVector } from '../../../domain/price.ts'
import type { Terms } from '../../../domain/terms.ts'
import { NO_USAGE, type UsageVector } from '../../../domain/usage.ts'
import { CHANNEL } from '../channel/sample.ts'

export const AT = 1_800_000_000_000
export const LEASE_ID = '0123456789abcdef0123456789abcdef'
export const ANNOUNCEMENT = `${'aa'.repeat(32)}:1`
export const PUBLISHER = `02${'77'.repeat(32)}`
export const PROVIDER = `03${'88'.repeat(32)}`
export const FUNDING = { txid: 'f0'.repeat(32), vout: 0 }
export const TOP_UP = 'f1'.repeat(32)
export const SPEND = 'c1'.repeat(32)
export const PROVIDER_LISTENS = '127.0.0.1:4001'

export const PRICE: PriceVector = {
  startMsat: 10_000n,
  wallHour: 3_600_000n,
  cpuHour: 7_200_000n,
  memGiBHour: 3_600_000n,
  diskGiBHour: 360_000n,
  ioReadGiB: 1_000n,
  ioWriteGiB: 2_000n,
  netRxGiB: 3_000n,
  netTxGiB: 4_000n,
}

export const TERMS: Terms = {
  version: 1,
  leaseId: LEASE_ID,
  network: 'xencoin-dev',
  announcement: ANNOUNCEMENT,
  publisherKey: PUBLISHER,
  providerKey: PROVIDER,
  image: 'zennet/busybox:1',
  resources: { cpuMillis: 2_000, memoryBytes: 2 ** 30, diskBytes: 2 ** 31, pids: 128 },
  isolation: 'namespace',
  machineNetwork: 'none',
  price: PRICE,
  caps: { ioBytesPerS: 1_000_000n, netBytesPerS: 500_000n },
  tickMs: 1_000,
  graceTicks: 3,
  reconnectMs: 60_000,
  unconfirmedTicks: 10,
  maxDurationMs: 3_600_000,
  dataGraceMs: 10_000,
  maxPauseMs: 60_000,
  shell: { user: 'lease-0123456789ab', authorizedKeys: ['ssh-ed25519 AAAA someone'], hostKey: 'ssh-ed25519 BBBB' },
  channel: CHANNEL,
}

/** The first change: twice as long. */
export const LONGER: Terms = changed(TERMS, { maxDurationMs: 7_200_000 }, { tick: 0, usage: NO_USAGE })
export const CHEAPER: Terms = { ...TERMS, price: { ...PRICE, cpuHour: 3_600_000n } }

export const YES: Verdict = { ok: true, rules: [{ rule: 'cpu', ok: true, want: '2000', have: '4000' }] }
export const NO: Verdict = { ok: false, rules: [{ rule: 'cpu', ok: false, want: '2000', have: '1000' }] }

export const HARDWARE: Hardware = { cpuModel: 'Some CPU', cores: 4, memoryBytes: 2 ** 33, marks: { sha256: 100 } }
const SPAN: Span = {
  spanMs: 2 * 86_400_000,
  lentPermille: 990,
  servedMs: 7_200_000,
  fullPermille: 970,
  leases: 3,
  broken: 1,
}
export const AVAILABILITY: Availability = {
  week: SPAN,
  month: SPAN,
  hoursOfWeek: Array.from({ length: HOURS_OF_WEEK }, (_, hour) => (hour < 48 ? 990 : null)),
}
export const SEEN: Served = { servedMs: 3_600_000, fullPermille: 980, leases: 1, broken: 0 }
export const SHELL: ShellAddress = { user: TERMS.shell.user, hostKey: TERMS.shell.hostKey }

/** Honest use of the machine up to a tick. */
export const usageAt = (tick: number): UsageVector => ({
  ...NO_USAGE,
  wallUs: BigInt(tick) * 1_000_000n,
  cpuUs: BigInt(tick) * 1_500_000n,
  memByteSeconds: BigInt(tick) * 2n ** 29n,
  netTxBytes: BigInt(tick) * 1_000n,
})

export const owedAt = (tick: number, terms = TERMS): bigint => owedMsat(terms.price, usageAt(tick))

const INSIDE = { everyMs: 1_000, slackMs: 2_000, permille: 100, readings: 3 } as const
/** Terms under which the publisher measures from inside. */
export const MEASURED: Terms = { ...TERMS, inside: INSIDE }

/** What is read in a machine that was used honestly. */
export const readingAt = (tick: number): InsideReading => {
  const billed = usageAt(tick)
  return {
    tick,
    billed,
    counters: {
      cpuUs: billed.cpuUs,
      memoryBytes: 2n ** 29n,
      ioReadBytes: 0n,
      ioWriteBytes: 0n,
      netRxBytes: 0n,
      netTxBytes: 0n,
    },
    shell: { rxBytes: 500n, txBytes: billed.netTxBytes },
  }
}
const insideAt = (tick: number): Inside => {
  const { usage, ...rest } = readInside(undefined, readingAt(tick), INSIDE, TERMS)
  return { ...rest, usage, beyond: ['cpuUs'] }
}

type FactOf<T extends LeaseFact['type']> = Extract<LeaseFact, { type: T }>

/** One of each fact; `salt` varies what may vary. */
export const leaseFacts = (salt = 0, side: Side = 'publisher'): { readonly [T in LeaseFact['type']]: FactOf<T> } => {
  const at = AT + salt
  return {
    'lease.sought': {
      type: 'lease.sought',
      at,
      leaseId: LEASE_ID,
      side,
      announcement: ANNOUNCEMENT,
      publisherKey: PUBLISHER,
      remote: PROVIDER_LISTENS,
    },
    'lease.matched': { type: 'lease.matched', at, verdict: YES },
    'lease.connected': { type: 'lease.connected', at, remote: `127.0.0.1:${5_000 + salt}` },
    'lease.challenged': { type: 'lease.challenged', at, peerKey: side === 'publisher' ? PROVIDER : PUBLISHER },
    'lease.offered': {
      type: 'lease.offered',
      at,
      terms: TERMS,
      hardware: HARDWARE,
      final: salt % 2 === 1,
      availability: AVAILABILITY,
      seen: SEEN,
    },
    'lease.countered': { type: 'lease.countered', at, terms: CHEAPER, final: salt % 2 === 1 },
    'lease.agreed': {
      type: 'lease.agreed',
      at,
      terms: TERMS,
      publisherSignature: '91'.repeat(64),
      providerSignature: '92'.repeat(64),
    },
    'lease.provisioned': { type: 'lease.provisioned', at, shell: SHELL },
    'lease.funded': { type: 'lease.funded', at, ...FUNDING, capacitySats: CHANNEL.capacitySats },
    'lease.metered': { type: 'lease.metered', at, tick: salt, usage: usageAt(salt), owedMsat: owedAt(salt) },
    'lease.inside-read': { type: 'lease.inside-read', at, inside: insideAt(salt) },
    'lease.inside-unread': { type: 'lease.inside-unread', at, why: 'no-counters' },
    'lease.paid': { type: 'lease.paid', at, tick: salt, paidSats: 1_000n + BigInt(salt) },
    'lease.starved': { type: 'lease.starved', at, tick: salt, why: 'unpaid' },
    'lease.pause-wanted': { type: 'lease.pause-wanted', at, paused: salt % 2 === 0 },
    'lease.paused': { type: 'lease.paused', at, code: 'asked-by-publisher' },
    'lease.resumed': { type: 'lease.resumed', at, code: 'asked-by-publisher' },
    'lease.shrunk': { type: 'lease.shrunk', at, cpuMillis: 500 },
    'lease.unshrunk': { type: 'lease.unshrunk', at },
    'lease.top-up-wanted': { type: 'lease.top-up-wanted', at, leg: 1, sats: 20_000n, reference: `${salt}` },
    'lease.topped-up': { type: 'lease.topped-up', at, leg: 1, txid: TOP_UP, vout: 1, capacitySats: 20_000n },
    'lease.top-up-refused': { type: 'lease.top-up-refused', at, leg: 1, code: 'expiring', why: 'too late' },
    'lease.settled-in-part': {
      type: 'lease.settled-in-part',
      at,
      legs: [0],
      txid: SPEND,
      height: 120 + salt,
      paidSats: 1_000n,
    },
    'lease.noticed': { type: 'lease.noticed', at, by: 'publisher', code: 'stopped-by-publisher' },
    'lease.notice-withdrawn': { type: 'lease.notice-withdrawn', at, by: 'publisher' },
    'lease.change-wanted': {
      type: 'lease.change-wanted',
      at,
      by: side,
      number: 1,
      change: { maxDurationMs: 7_200_000 },
    },
    'lease.change-offered': { type: 'lease.change-offered', at, terms: LONGER, signature: '92'.repeat(64) },
    'lease.changed': {
      type: 'lease.changed',
      at,
      terms: LONGER,
      publisherSignature: '91'.repeat(64),
      providerSignature: '92'.repeat(64),
    },
    'lease.change-refused': { type: 'lease.change-refused', at, number: 1, code: 'not-better', why: 'it is worse' },
    'lease.ended': { type: 'lease.ended', at, code: 'stopped-by-publisher', culprit: 'publisher', why: 'asked to' },
    'lease.released': { type: 'lease.released', at },
    'lease.receipted': { type: 'lease.receipted', at, signed: signedReceipt(salt, 1_000n + BigInt(salt)) },
    'lease.settled': { type: 'lease.settled', at, txid: SPEND, height: 120 + salt, paidSats: 1_000n },
    'lease.refunded': { type: 'lease.refunded', at, txid: SPEND, height: 501 + salt },
    'lease.lapsed': {
      type: 'lease.lapsed',
      at,
      stage: 'connect',
      code: 'stage-timeout',
      culprit: 'peer-unreachable',
    },
    'lease.refused': { type: 'lease.refused', at, code: 'too-expensive', culprit: 'provider', why: 'price' },
    'lease.failed': { type: 'lease.failed', at, code: 'machine-failed', culprit: 'host', why: 'no machine' },
  }
}

/** The receipt of a lease that the publisher stopped after `tick`. */
export const signedReceipt = (tick: number, paidSats: bigint): SignedReceipt => ({
  receipt: receiptOf(TERMS, {
    funding: `${FUNDING.txid}:${FUNDING.vout}`,
    ticks: tick,
    usage: usageAt(tick),
    paidSats,
    code: 'stopped-by-publisher',
    culprit: 'publisher',
  }),
  publisherSignature: '93'.repeat(64),
  providerSignature: '94'.repeat(64),
})

type Kind = LeaseCommand['kind']
type CommandOf<K extends Kind> = Extract<LeaseCommand, { kind: K }>

/** One of each command, as a lease that goes well meets them. */
export const leaseCommands = (side: Side = 'publisher', tick = 1): { readonly [K in Kind]: CommandOf<K> } => {
  const at = AT
  const facts = leaseFacts(0, side)
  return {
    seek: { ...facts['lease.sought'], kind: 'seek' } as CommandOf<'seek'>,
    match: { kind: 'match', at, verdict: YES },
    connect: { kind: 'connect', at, remote: facts['lease.connected'].remote },
    challenge: { kind: 'challenge', at, peerKey: facts['lease.challenged'].peerKey },
    offer: {
      kind: 'offer',
      at,
      terms: TERMS,
      hardware: HARDWARE,
      final: false,
      availability: AVAILABILITY,
      seen: SEEN,
    },
    counter: { kind: 'counter', at, terms: CHEAPER, final: false },
    agree: {
      kind: 'agree',
      at,
      terms: TERMS,
      publisherSignature: facts['lease.agreed'].publisherSignature,
      providerSignature: facts['lease.agreed'].providerSignature,
    },
    provision: { kind: 'provision', at, shell: SHELL },
    fund: { kind: 'fund', at, ...FUNDING, capacitySats: CHANNEL.capacitySats },
    meter: { kind: 'meter', at, tick, usage: usageAt(tick), elapsedUs: BigInt(tick) * 1_000_000n },
    inside: { kind: 'inside', at, reading: 'no-shell' },
    pay: { kind: 'pay', at, tick: tick - 1, paidSats: 1_000n + BigInt(tick) * 10n },
    starve: { kind: 'starve', at, tick, why: 'unpaid' },
    'want-pause': { kind: 'want-pause', at, paused: true },
    pause: { kind: 'pause', at, code: 'asked-by-publisher' },
    resume: { kind: 'resume', at, code: 'asked-by-publisher' },
    shrink: { kind: 'shrink', at, cpuMillis: 500 },
    'want-top-up': { kind: 'want-top-up', at, sats: 20_000n, reference: '0' },
    'top-up': { kind: 'top-up', at, leg: 1, txid: TOP_UP, vout: 1, capacitySats: 20_000n },
    'give-up-top-up': { kind: 'give-up-top-up', at, leg: 1, code: 'expiring', why: 'too late' },
    notice: { kind: 'notice', at, by: 'publisher', code: 'stopped-by-publisher' },
    'want-change': { kind: 'want-change', at, by: side, change: { maxDurationMs: 7_200_000 } },
    'offer-change': { kind: 'offer-change', at, terms: LONGER, signature: '92'.repeat(64) },
    'agree-change': {
      kind: 'agree-change',
      at,
      terms: LONGER,
      publisherSignature: '91'.repeat(64),
      providerSignature: '92'.repeat(64),
    },
    'refuse-change': { kind: 'refuse-change', at, number: 1, code: 'not-better', why: 'it is worse' },
    'withdraw-notice': { kind: 'withdraw-notice', at, by: 'publisher' },
    end: { kind: 'end', at, code: 'stopped-by-publisher', why: 'asked to' },
    release: { kind: 'release', at },
    receipt: { kind: 'receipt', at, signed: signedReceipt(tick, 1_000n) },
    settle: { kind: 'settle', at, txid: SPEND, height: 120, returned: [] },
    refund: { kind: 'refund', at, txid: SPEND, height: 501 },
    lapse: { kind: 'lapse', at, stage: 'connect' },
    refuse: { kind: 'refuse', at, code: 'too-expensive', why: 'price' },
    fail: { kind: 'fail', at, code: 'machine-failed', why: 'no machine' },
  }
}

const PATH = ['sought', 'matched', 'connected', 'challenged', 'offered', 'agreed', 'provisioned', 'funded'] as const

/** A lease's history up to and with the named fact of the straight path. */
export const upTo = (last: (typeof PATH)[number], side: Side = 'publisher'): LeaseFact[] => {
  const facts = leaseFacts(0, side)
  return PATH.slice(0, PATH.indexOf(last) + 1).map((name) => facts[`lease.${name}`])
}

/** A lease in `meter`, with its first `ticks` metered and paid a tick ahead. */
export const metered = (ticks: number, paidSats: bigint, side: Side = 'publisher'): LeaseFact[] => [
  ...upTo('funded', side),
  { ...leaseFacts(0)['lease.paid'], tick: 0, paidSats },
  ...Array.from({ length: ticks }, (_, i) => i + 1).flatMap((tick) => [
    leaseFacts(tick)['lease.metered'],
    { ...leaseFacts(tick)['lease.paid'], paidSats },
  ]),
]
