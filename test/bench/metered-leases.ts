import { toHex } from '../../domain/bytes.ts'
import { leaseIdOf } from '../../domain/ids.ts'
import type { Side } from '../../domain/lease/facts.ts'
import type { Terms } from '../../domain/terms.ts'
import type { UsageVector } from '../../domain/usage.ts'
import { nativeCurve } from '../../src/curve/native.ts'
import type { Journal } from '../../src/journal/port.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { type Ledger, openLedger } from '../../src/lease/ledger.ts'
import { HARDWARE, PROVIDER_LISTENS, TERMS, usageAt, YES } from '../domain/lease/sample.ts'

const HOURS_MS = 24 * 3_600_000

/** Ticks of a lease that is honestly metered, from 1. */
export const usageOf = (tick: number): UsageVector => usageAt(tick)

export type MeteredLease = { readonly ledger: Ledger; readonly terms: Terms; readonly secret: Uint8Array }
export const FUNDING = { txid: 'f0'.repeat(32), vout: 0 }

/** The publisher's key of the n-th lease's channel; any number that is a valid secret. */
const secretOf = (n: number): Uint8Array => {
  const secret = new Uint8Array(32).fill(1)
  new DataView(secret.buffer).setUint32(0, n + 1)
  return secret
}

/** Leases in a journal, agreed, funded and served for hours, with nothing metered yet. */
export const openLeases = async (journal: Journal, side: Side, count: number): Promise<MeteredLease[]> => {
  const streams = openStreams(journal)
  const at = Date.now() - HOURS_MS
  const open = async (n: number): Promise<MeteredLease> => {
    const secret = secretOf(n)
    const leaseId = leaseIdOf(secret)
    const channel = {
      ...TERMS.channel,
      publisherKey: toHex(nativeCurve.publicKey(secret)),
      providerKey: toHex(nativeCurve.publicKey(secretOf(n + 1_000_000))),
      capacitySats: 100_000_000n,
    }
    const terms: Terms = { ...TERMS, leaseId, channel, maxDurationMs: 2 * HOURS_MS }
    const ledger = openLedger(streams, leaseId)
    const { announcement, publisherKey, providerKey } = terms
    const signatures = { publisherSignature: '91'.repeat(64), providerSignature: '92'.repeat(64) }
    await ledger.record([
      { kind: 'seek', at, leaseId, side, announcement, publisherKey, remote: PROVIDER_LISTENS },
      { kind: 'match', at, verdict: YES },
      { kind: 'connect', at, remote: PROVIDER_LISTENS },
      { kind: 'challenge', at, peerKey: side === 'publisher' ? providerKey : publisherKey },
      { kind: 'offer', at, terms, hardware: HARDWARE, final: false },
      { kind: 'agree', at, terms, ...signatures },
    ])
    await ledger.record(
      [
        { kind: 'provision', at, shell: { user: terms.shell.user, hostKey: terms.shell.hostKey } },
        { kind: 'fund', at, ...FUNDING, capacitySats: channel.capacitySats },
      ],
      [
        { kind: 'propose', at, terms: channel },
        { kind: 'fund', at, ...FUNDING, raw: '0200' },
      ],
    )
    return { ledger, terms, secret }
  }
  return await Promise.all(Array.from({ length: count }, (_, n) => open(n)))
}
