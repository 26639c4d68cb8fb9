import { availableEnough, seenEnough } from '../../../domain/availability/rules.ts'
import { toHex } from '../../../domain/bytes.ts'
import { firstHourMsat, underCeiling } from '../../../domain/ceiling.ts'
import { encode } from '../../../domain/codec.ts'
import { reserveSats } from '../../../domain/lease/budget.ts'
import type { LeaseCommand } from '../../../domain/lease/commands.ts'
import { dueSats } from '../../../domain/lease/legs.ts'
import { STAGE_DEADLINE_MS } from '../../../domain/lease/stage.ts'
import { isAtLeast, whyNot } from '../../../domain/match.ts'
import { scalePrice } from '../../../domain/price.ts'
import { type Terms, termsHash } from '../../../domain/terms.ts'
import { NO_USAGE } from '../../../domain/usage.ts'
import type { Ledger } from '../ledger.ts'
import { MAX_AUTHORIZED_KEYS } from '../message-parts.ts'
import type { Wish } from '../messages.ts'
import { signTerms, verifyTerms } from '../party.ts'
import { refuse } from '../refuse.ts'
import type { Talk } from '../talk.ts'
import type { PublisherParty, Wanted } from './deps.ts'

/** Blocks that a channel lives longer than the lease may: time to close it, and twice the time in case blocks come fast. */
const EXPIRY_SPARE_BLOCKS = 200

/** Hears the offer, counters once when it is too dear, waits for its turn, and ends with both signatures in the log. @throws PeerRefused, Fault */
export const negotiate = async (
  party: PublisherParty,
  ledger: Ledger,
  wanted: Wanted,
  providerKey: string,
  talk: Talk,
): Promise<void> => {
  const { body } = wanted
  const wish = await wishFor(party, ledger.leaseId, wanted)
  await talk.send(wish)
  const ceiling = body.maxHourlyMsat
  let { terms, hardware, availability, seen } = await heard(party, ledger, wanted, wish, providerKey, talk)
  const least = body.minAvailabilityPermille
  const there = [availableEnough(least, availability), seenEnough(least, seen)]
  if (there.some(({ ok }) => !ok)) return await refuse(talk, 'not-available', whyNot({ rules: there }))
  const asked = firstHourMsat(terms.price, body.resources)
  if (asked > ceiling) {
    const cheaper: Terms = { ...terms, price: scalePrice(terms.price, ceiling, asked) }
    await ledger.record([{ kind: 'counter', at: party.clock.now(), terms: cheaper, final: true }])
    await talk.send({ type: 'counter', terms: cheaper, final: true })
    ;({ terms, hardware } = await heard(party, ledger, wanted, wish, providerKey, talk))
  }
  const hourly = firstHourMsat(terms.price, body.resources)
  const rules = underCeiling(terms.price, body.resources, ceiling)
  if (rules.some(({ ok }) => !ok)) return await refuse(talk, 'too-expensive', whyNot({ rules }).slice(0, 500))
  const marks = Object.values(hardware.marks).reduce((sum, mark) => sum + mark, 0)
  const taken = await wanted.picker.consider({ leaseId: ledger.leaseId, hourlyMsat: hourly, marks })
  if (!taken) return await refuse(talk, 'not-chosen', 'other offers were taken')
  const first = dueSats(terms, NO_USAGE) + reserveSats(terms, NO_USAGE, NO_USAGE)
  const left = party.spending.left()
  if (left !== undefined && left < first)
    return await refuse(talk, 'over-daily-budget', `${first} sats are needed to begin, fewer are left today`)
  const signature = signTerms(party, terms)
  await talk.send({ type: 'agree', termsHash: termsHash(terms), signature })
  const answer = await talk.expect('agree', { timeoutMs: STAGE_DEADLINE_MS.challenge })
  if (answer.termsHash !== termsHash(terms) || !verifyTerms(party, terms, answer.signature, providerKey)) {
    return await refuse(talk, 'terms-differ', 'the provider’s signature is not over the agreed terms')
  }
  const at = party.clock.now()
  await ledger.record(
    [{ kind: 'agree', at, terms, publisherSignature: signature, providerSignature: answer.signature }],
    [{ kind: 'propose', at, terms: terms.channel }],
  )
}

const wishFor = async (party: PublisherParty, leaseId: string, { body, order }: Wanted): Promise<Wish> => {
  const { height } = await party.engine.tip()
  // One place among the keys has to be left for this node's own.
  const reader = order.authorizedKeys.length < MAX_AUTHORIZED_KEYS ? party.inside?.reader : undefined
  const longestMs = Math.max(body.maxDurationMs, order.renewUpToMs ?? 0)
  const blocks = Math.ceil(longestMs / 1000 / party.network.spacingS)
  return {
    type: 'wish',
    channelKey: toHex((await party.channelKey(leaseId)).publicKey),
    channelScript: await party.payoutScript(),
    authorizedKeys: reader ? [...order.authorizedKeys, reader.publicKey(leaseId)] : [...order.authorizedKeys],
    capacitySats: order.capacitySats,
    expiryHeight: height + 2 * blocks + EXPIRY_SPARE_BLOCKS,
    tickMs: order.tickMs,
    dataGraceMs: order.dataGraceMs,
    ...(reader && { inside: party.inside!.tolerance }),
    ...(order.noticeMs ? { noticeMs: order.noticeMs } : {}),
    ...(order.maxPauseMs === undefined ? {} : { maxPauseMs: order.maxPauseMs }),
  }
}

const heard = async (
  party: PublisherParty,
  ledger: Ledger,
  wanted: Wanted,
  wish: Wish,
  providerKey: string,
  talk: Talk,
): Promise<Omit<Extract<LeaseCommand, { kind: 'offer' }>, 'kind' | 'at'>> => {
  const { type: _, ...offer } = await talk.expect('offer', { timeoutMs: STAGE_DEADLINE_MS.negotiate })
  const problem = unlike(party, offer.terms, wanted, wish, providerKey)
  if (problem) return await refuse(talk, 'terms-differ', problem)
  const seen = await party.track.seen(providerKey)
  const offered = { ...offer, ...(seen && { seen }) }
  await ledger.record([{ kind: 'offer', at: party.clock.now(), ...offered }])
  return offered
}

/** What in the offered terms is not what this publisher asked for; undefined when all is. */
const unlike = (
  party: PublisherParty,
  terms: Terms,
  { body, outpoint }: Wanted,
  wish: Wish,
  providerKey: string,
): string | undefined => {
  const wants: readonly (readonly [string, unknown, unknown])[] = [
    ['network', terms.network, party.network.name],
    ['announcement', terms.announcement, outpoint],
    ['publisherKey', terms.publisherKey, toHex(party.keys.identity.publicKey)],
    ['providerKey', terms.providerKey, providerKey],
    ['image', terms.image, body.image],
    ['resources', terms.resources, body.resources],
    ['machineNetwork', terms.machineNetwork, body.machineNetwork],
    ['maxDurationMs', terms.maxDurationMs, body.maxDurationMs],
    ['tickMs', terms.tickMs, wish.tickMs],
    ['dataGraceMs', terms.dataGraceMs, wish.dataGraceMs],
    ['inside', terms.inside, wish.inside],
    ['revision', terms.revision ?? null, null],
    ['noticeMs', terms.noticeMs ?? 0, wish.noticeMs ?? 0],
    ['authorizedKeys', terms.shell.authorizedKeys, wish.authorizedKeys],
    ['channel.publisherKey', terms.channel.publisherKey, wish.channelKey],
    ['channel.publisherScript', terms.channel.publisherScript, wish.channelScript],
    ['channel.capacitySats', terms.channel.capacitySats, wish.capacitySats],
    ['channel.expiryHeight', terms.channel.expiryHeight, wish.expiryHeight],
  ]
  for (const [name, has, want] of wants) if (encode(has) !== encode(want)) return `${name} is not what was asked for`
  if ((terms.maxPauseMs ?? 0) > (wish.maxPauseMs ?? 0)) return 'maxPauseMs is longer than what was asked for'
  if ((terms.price.pausedDiskGiBHour ?? 0n) > terms.price.diskGiBHour)
    return 'a paused machine’s disk is dearer than that of one that runs'
  if (!isAtLeast(terms.isolation, body.isolation))
    return `isolation ${terms.isolation} is weaker than ${body.isolation}`
  return undefined
}
