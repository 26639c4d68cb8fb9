import { fromHex, toHex } from '../../../domain/bytes.ts'
import { witnessProgram } from '../../../domain/chain/script.ts'
import { closeMarginBlocks } from '../../../domain/channel/margin.ts'
import { isRefusal } from '../../../domain/fact.ts'
import { shellUser } from '../../../domain/ids.ts'
import { isTolerable } from '../../../domain/lease/inside.ts'
import { STAGE_DEADLINE_MS } from '../../../domain/lease/stage.ts'
import { coversFloor } from '../../../domain/price.ts'
import { differOnlyInPrice, type Terms, termsHash } from '../../../domain/terms.ts'
import type { Ledger } from '../ledger.ts'
import type { MessageOf, Wish } from '../messages.ts'
import { signTerms, verifyTerms } from '../party.ts'
import { refuse } from '../refuse.ts'
import { PeerRefused, type Talk } from '../talk.ts'
import type { ProviderParty, Sought } from './deps.ts'

/** How long the publisher may collect other offers before it answers. */
const ANSWER_TIMEOUT_MS = STAGE_DEADLINE_MS.negotiate

/** Offers, answers counter-offers, and ends with both signatures in the log. @throws PeerRefused, Fault */
export const negotiate = async (party: ProviderParty, ledger: Ledger, sought: Sought, talk: Talk): Promise<void> => {
  const at = () => party.clock.now()
  const wish = await talk.expect('wish')
  const problem = unsafe(party, wish, (await party.engine.tip()).height)
  if (problem) return await refuse(talk, 'peer-misbehaved', problem)
  if (wish.dataGraceMs > party.maxDataGraceMs)
    return await refuse(talk, 'policy-says-no', `data is kept for ${party.maxDataGraceMs} ms at the most`)
  if (wish.inside && !isTolerable(wish.inside))
    return await refuse(talk, 'policy-says-no', 'what the publisher would measure from inside may differ by too little')
  if ((wish.noticeMs ?? 0) > party.maxNoticeMs)
    return await refuse(talk, 'policy-says-no', `an end is announced ${party.maxNoticeMs} ms before at the most`)
  if (party.mustPause && !wish.maxPauseMs)
    return await refuse(talk, 'policy-says-no', 'spare cycles are lent out here: a lease must have pauses in its terms')
  let terms = await proposal(party, ledger.leaseId, sought, wish)
  await offer(party, ledger, talk, terms, false)
  for (;;) {
    const answer = await talk.next({ timeoutMs: ANSWER_TIMEOUT_MS })
    if (answer.type === 'refuse') throw new PeerRefused(answer.code, answer.why)
    if (answer.type === 'agree') return await agree(party, ledger, talk, terms, answer)
    if (answer.type !== 'counter') throw new PeerRefused('peer-misbehaved', `${answer.type} during negotiation`)
    if (!differOnlyInPrice(terms, answer.terms))
      return await refuse(talk, 'terms-differ', 'a counter-offer may change the price only')
    const countered = await ledger.try([{ kind: 'counter', at: at(), terms: answer.terms, final: answer.final }])
    if (isRefusal(countered)) return await refuse(talk, 'terms-differ', countered.why)
    if (!coversFloor(answer.terms.price, party.floor))
      return await refuse(talk, 'below-floor', 'the counter-offer is below this provider’s floor')
    terms = answer.terms
    await offer(party, ledger, talk, terms, true)
  }
}

/** What in the wish would keep this provider from its money. */
const unsafe = ({ network }: ProviderParty, wish: Wish, height: number): string | undefined => {
  if (wish.expiryHeight < height + 2 * closeMarginBlocks(network))
    return `a channel until ${wish.expiryHeight} is too short`
  return isRelayed(fromHex(wish.channelScript)) ? undefined : 'channelScript is no address'
}

/** Nodes relay outputs of these forms alone (Bitcoin Core `Solver`): a close with any other would never reach a block. */
const isRelayed = (script: Uint8Array): boolean => {
  const found = witnessProgram(script)
  if (found?.version === 0) return found.program.length === 20 || found.program.length === 32
  return found?.version === 1 && found.program.length === 32
}

/** How long the ticks are that a provider counts its trust in an unconfirmed funding by, ms. */
const USUAL_TICK_MS = 1_000

/** The publisher chooses how long a tick is: longer ones must not be more time on coins that it may spend elsewhere. */
const trusted = (ticks: number, tickMs: number): number => Math.min(ticks, Math.ceil((ticks * USUAL_TICK_MS) / tickMs))

const offer = async (party: ProviderParty, ledger: Ledger, talk: Talk, terms: Terms, final: boolean): Promise<void> => {
  const availability = await party.track.own()
  const offered = { terms, hardware: party.hardware, final, ...(availability && { availability }) }
  await ledger.record([{ kind: 'offer', at: party.clock.now(), ...offered }])
  await talk.send({ type: 'offer', ...offered })
}

const agree = async (
  party: ProviderParty,
  ledger: Ledger,
  talk: Talk,
  terms: Terms,
  answer: MessageOf<'agree'>,
): Promise<void> => {
  if (answer.termsHash !== termsHash(terms) || !verifyTerms(party, terms, answer.signature, terms.publisherKey)) {
    return await refuse(talk, 'terms-differ', 'the signature is not over the terms that were offered')
  }
  const signature = signTerms(party, terms)
  const at = party.clock.now()
  await ledger.record(
    [{ kind: 'agree', at, terms, publisherSignature: answer.signature, providerSignature: signature }],
    [{ kind: 'propose', at, terms: terms.channel }],
  )
  await talk.send({ type: 'agree', termsHash: termsHash(terms), signature })
}

const proposal = async (party: ProviderParty, leaseId: string, sought: Sought, wish: Wish): Promise<Terms> => {
  const { body } = sought
  const { ioBytesPerS, netBytesPerS, ...rest } = party.terms
  return {
    version: 1,
    leaseId,
    network: party.network.name,
    announcement: sought.outpoint,
    publisherKey: sought.publisherKey,
    providerKey: toHex(party.keys.identity.publicKey),
    image: body.image,
    resources: body.resources,
    isolation: party.isolation,
    machineNetwork: body.machineNetwork,
    price: party.ask,
    caps: { ioBytesPerS, netBytesPerS },
    ...rest,
    unconfirmedTicks: trusted(rest.unconfirmedTicks, wish.tickMs),
    ...(wish.inside && { inside: wish.inside }),
    tickMs: wish.tickMs,
    maxDurationMs: body.maxDurationMs,
    dataGraceMs: wish.dataGraceMs,
    ...(wish.noticeMs ? { noticeMs: wish.noticeMs } : {}),
    ...(wish.maxPauseMs === undefined ? {} : { maxPauseMs: Math.min(wish.maxPauseMs, party.maxPauseMs) }),
    shell: { user: shellUser(leaseId), authorizedKeys: wish.authorizedKeys, hostKey: party.gateway.hostKey },
    channel: {
      publisherKey: wish.channelKey,
      providerKey: toHex((await party.channelKey(leaseId)).publicKey),
      capacitySats: wish.capacitySats,
      expiryHeight: wish.expiryHeight,
      publisherScript: wish.channelScript,
      providerScript: await party.payoutScript(),
    },
  }
}
