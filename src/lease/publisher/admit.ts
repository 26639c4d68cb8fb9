import { toHex } from '../../../domain/bytes.ts'
import { isOver } from '../../../domain/lease/lease.ts'
import type { Ledger } from '../ledger.ts'
import type { Talk } from '../talk.ts'
import type { Admissions } from './admissions.ts'
import type { Offers, PublisherParty } from './deps.ts'
import { isDataKept } from './late.ts'

/** Begins a new lease in the log, or checks that a known one belongs to who is calling. @returns why not */
export const admit = async (
  { clock, keys }: PublisherParty,
  offers: Offers,
  admissions: Admissions,
  ledger: Ledger,
  outpoint: string,
  providerKey: string,
  { remote }: Talk,
): Promise<'announcement-closed' | 'wrong-key' | 'not-chosen' | undefined> => {
  const state = await ledger.lease()
  if (state.context.leaseId !== '') {
    if (state.context.peerKey !== providerKey) return 'wrong-key'
    const isClosed = isOver(state) && !isDataKept(state.context, clock.now())
    return isClosed || state.context.terms === undefined ? 'announcement-closed' : undefined
  }
  const wanted = await offers.wanted(outpoint)
  if (!wanted || wanted.picker.full) return 'announcement-closed'
  if (!admissions.take(remote)) return 'not-chosen'
  const at = clock.now()
  const publisherKey = toHex(keys.identity.publicKey)
  const { leaseId } = ledger
  await ledger.record([
    { kind: 'seek', at, leaseId, side: 'publisher', announcement: outpoint, publisherKey, remote },
    {
      kind: 'match',
      at,
      verdict: { ok: true, rules: [{ rule: 'not-expired', ok: true, want: outpoint, have: 'open' }] },
    },
    { kind: 'connect', at, remote },
    { kind: 'challenge', at, peerKey: providerKey },
  ])
  return undefined
}
