import type { AnnouncementCommand } from '../../../domain/announcement/announcement.ts'
import { type AnnouncementBody, bodyHash } from '../../../domain/announcement/body.ts'
import type { AnnouncementFact, Order, RecordFacts } from '../../../domain/announcement/facts.ts'
import { toHex } from '../../../domain/bytes.ts'
import type { Verdict } from '../../../domain/match.ts'

export const AT = 1_800_000_000_000
export const ANNOUNCEMENT_TXID = 'aa'.repeat(32)
export const AUTHOR = `02${'11'.repeat(32)}`

export const BODY: AnnouncementBody = {
  version: 1,
  label: 'render',
  image: 'zennet/busybox:1',
  resources: { cpuMillis: 2_000, memoryBytes: 1 << 30, diskBytes: 2 ** 31, pids: 128 },
  isolation: 'namespace',
  machineNetwork: 'none',
  count: 2,
  maxHourlyMsat: 40_000_000n,
  maxDurationMs: 3_600_000,
}

export const ORDER: Order = {
  authorizedKeys: ['ssh-ed25519 AAAA someone'],
  capacitySats: 50_000n,
  tickMs: 1_000,
  dataGraceMs: 10_000,
  offerWindowMs: 2_000,
}

export const RECORD: RecordFacts = {
  isolation: 'namespace',
  count: 2,
  cpuMillis: 2_000,
  memoryMiB: 1_024,
  diskGiB: 2,
  maxHourlyMsat: 40_000_000n,
  expiryHeight: 1_000,
  host: '127.0.0.1',
  port: 4_001,
  bodyHash: toHex(bodyHash(BODY)),
}

export const YES: Verdict = { ok: true, rules: [{ rule: 'cpu', ok: true, want: '2000', have: '4000' }] }
export const NO: Verdict = { ok: false, rules: [{ rule: 'cpu', ok: false, want: '2000', have: '1000' }] }

type FactOf<T extends AnnouncementFact['type']> = Extract<AnnouncementFact, { type: T }>

/** One of each fact; `salt` varies what may vary. */
export const announcementFacts = (salt = 0): { readonly [T in AnnouncementFact['type']]: FactOf<T> } => {
  const at = AT + salt
  const txid = ANNOUNCEMENT_TXID
  return {
    'announcement.posted': { type: 'announcement.posted', at, txid, body: BODY, order: ORDER },
    'announcement.seen': {
      type: 'announcement.seen',
      at,
      txid,
      author: AUTHOR,
      bondSats: 1_000n + BigInt(salt),
      record: RECORD,
    },
    'announcement.unseen': { type: 'announcement.unseen', at },
    'announcement.lost': { type: 'announcement.lost', at },
    'announcement.confirmed': { type: 'announcement.confirmed', at, height: 100 + salt },
    'announcement.unconfirmed': { type: 'announcement.unconfirmed', at },
    'announcement.described': { type: 'announcement.described', at, body: BODY },
    'announcement.judged': { type: 'announcement.judged', at, verdict: salt % 2 === 0 ? YES : NO },
    'announcement.withdrawn': { type: 'announcement.withdrawn', at, by: 'bb'.repeat(32) },
    'announcement.restored': { type: 'announcement.restored', at },
    'announcement.expired': { type: 'announcement.expired', at, height: 1_000 + salt },
    'announcement.unexpired': { type: 'announcement.unexpired', at },
  }
}

/** One of each command. */
export const announcementCommands = (salt = 0): readonly AnnouncementCommand[] => {
  const at = AT + salt
  const txid = ANNOUNCEMENT_TXID
  return [
    { kind: 'post', at, txid, body: BODY, order: ORDER },
    { kind: 'see', at, txid, author: AUTHOR, bondSats: 1_000n, record: RECORD },
    { kind: 'unsee', at },
    { kind: 'confirm', at, height: 100 + salt },
    { kind: 'unconfirm', at },
    { kind: 'describe', at, body: BODY },
    { kind: 'judge', at, verdict: salt % 2 === 0 ? YES : NO },
    { kind: 'withdraw', at, by: 'bb'.repeat(32) },
    { kind: 'restore', at },
    { kind: 'expire', at, height: 995 + salt },
    { kind: 'unexpire', at, height: 995 + salt },
  ]
}
