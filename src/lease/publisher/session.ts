import { isRefusal } from '../../../domain/fact.ts'
import { Fault } from '../../../domain/fault.ts'
import { isOver, type LeaseState, stageOf } from '../../../domain/lease/lease.ts'
import type { Stage } from '../../../domain/lease/stage.ts'
import { STAGE_DEADLINE_MS } from '../../../domain/lease/stage.ts'
import { isAway } from '../../journal/port.ts'
import { failureOf } from '../failure.ts'
import type { Ledger } from '../ledger.ts'
import type { Message } from '../messages.ts'
import { hearNotice, tellNotice } from '../notice.ts'
import { lastWord, PeerRefused, type Talk } from '../talk.ts'
import type { Changes } from './changes.ts'
import type { PublisherParty, Wanted } from './deps.ts'
import { fund } from './fund.ts'
import { negotiate } from './negotiate.ts'
import { askPauseAgain, believePauses, rejoinPauses } from './pauses.ts'
import { Paying } from './paying.ts'
import type { Readings } from './readings.ts'
import type { TopUps } from './top-ups.ts'

/** What goes on beside the ticks. */
export type During = { readonly topUps: TopUps; readonly readings: Readings; readonly changes: Changes }

/** One session with a provider about one lease: from the stage that the log is in, until either side hangs up. */
export const serveSession = async (
  party: PublisherParty,
  ledger: Ledger,
  wanted: Wanted | undefined,
  providerKey: string,
  talk: Talk,
  during: During,
): Promise<void> => {
  try {
    const state = await ledger.lease()
    if (stageOf(state) === 'negotiate') {
      if (!wanted) throw new PeerRefused('announcement-closed', 'no longer open')
      await negotiate(party, ledger, wanted, providerKey, talk)
      party.fundings.expect(ledger.leaseId)
      await provision(party, ledger, talk, wanted)
      await pay(party, ledger, await ledger.lease(), talk, during)
    } else await resume(party, ledger, state, talk, wanted, during)
  } catch (error) {
    await lost(party, ledger, await lastWord(talk, error), talk)
  } finally {
    wanted?.picker.drop(ledger.leaseId)
    party.fundings.drop(ledger.leaseId)
    talk.close()
  }
}

const resume = async (
  party: PublisherParty,
  ledger: Ledger,
  state: LeaseState,
  talk: Talk,
  wanted: Wanted | undefined,
  during: During,
): Promise<void> => {
  const message = await talk.expect('resume', { timeoutMs: STAGE_DEADLINE_MS.challenge })
  const { end } = state.context
  // The provider may not have got the funding: every step of provisioning can be repeated.
  if (stageOf(state) === 'provision' || (message.stage === 'provision' && !end)) {
    await provision(party, ledger, talk, wanted)
    return await pay(party, ledger, await ledger.lease(), talk, during)
  }
  const paying = await Paying.open(party, ledger, state)
  // Before a voucher under them: the provider may still wait for the signature.
  await during.changes.resume(ledger, talk)
  if (end) await paying.end(talk, end.code as never, 'this side has ended it before')
  else {
    await rejoinPauses(party, ledger, message)
    if (await paying.resume(talk, message)) return
    await believePauses(party, ledger, message.pauses ?? [])
    await askPauseAgain(ledger, talk)
    await during.topUps.resume(ledger, talk)
  }
  await pay(party, ledger, state, talk, during)
}

const provision = async (
  party: PublisherParty,
  ledger: Ledger,
  talk: Talk,
  wanted: Wanted | undefined,
): Promise<void> => {
  const { shell } = await talk.expect('ready', { timeoutMs: STAGE_DEADLINE_MS.provision })
  const { terms } = (await ledger.lease()).context
  if (!terms || shell.hostKey !== terms.shell.hostKey || shell.user !== terms.shell.user) {
    throw new PeerRefused('terms-differ', 'the machine’s shell is not the one in the terms')
  }
  await ledger.record([{ kind: 'provision', at: party.clock.now(), shell }])
  await fund(party, ledger, terms, talk)
  wanted?.picker.fill(ledger.leaseId)
}

/** How long a provider whose connection stands may be silent; its ticks come much faster. */
const SILENCE_MS = 60_000

const pay = async (
  party: PublisherParty,
  ledger: Ledger,
  state: LeaseState,
  talk: Talk,
  during: During,
): Promise<void> => {
  const { topUps, readings, changes } = during
  const paying = await Paying.open(party, ledger, state)
  // The end may have been asked for when the provider could not hear of it.
  await tellNotice(talk, await ledger.lease(), party.clock.now())
  for (;;) {
    const message: Message = await talk.next({ timeoutMs: SILENCE_MS + (state.context.terms?.dataGraceMs ?? 0) })
    if (message.type === 'tick') {
      await paying.tick(talk, message)
      const state = await ledger.lease()
      await topUps.automatic(ledger, state, talk)
      readings.due(ledger, state)
    }
    // Not waited for: a wallet or a chain that takes its time must not hold up the ticks.
    else if (message.type === 'top-up-taken')
      void topUps
        .taken(ledger, message)
        .then(() => paying.tell(talk))
        // The session broke: it is told in the next one.
        .catch(() => {})
    else if (message.type === 'top-up-refused') void topUps.refused(ledger, message)
    else if (message.type === 'pausing') {
      await believePauses(party, ledger, message.pauses)
      await askPauseAgain(ledger, talk)
    } else if (message.type === 'close') await paying.close(talk, message)
    else if (message.type === 'notice' || message.type === 'notice-withdrawn')
      await hearNotice(ledger, party.clock.now(), 'provider', message)
    else if (message.type === 'change-offered') await changes.offered(ledger, talk, message)
    else if (message.type === 'change-refused') await changes.refused(ledger, message)
    else if (message.type === 'end') await paying.ended(talk, message)
    else if (message.type === 'receipt') await paying.receipt(talk, message)
    else if (message.type === 'refuse') return await paying.refused(message)
    else throw new PeerRefused('peer-misbehaved', `${message.type} while metering`)
  }
}

/** Whether the coins were locked, and how, nobody can say yet, or it could not be written down: the provider comes again. */
const isPassing = (error: unknown): boolean =>
  isAway(error) || (error instanceof Fault && error.code === 'chain.unreachable')

/** A session ended or broke. Before the funding that ends the lease; later the provider may come back. */
const lost = async (party: PublisherParty, ledger: Ledger, error: unknown, talk: Talk): Promise<void> => {
  const state = await ledger.lease()
  const stage = stageOf(state)
  const { code, why } = failureOf(error)
  party.log.info({ lease: ledger.leaseId, stage, err: error }, 'the session with the provider ended')
  if (isOver(state) || stage === 'meter' || stage === 'settle') return
  if (stage === 'provision' && (code === 'peer-unreachable' || isPassing(error))) return
  if (!(error instanceof PeerRefused)) await talk.send({ type: 'refuse', code, why: why.slice(0, 500) }).catch(() => {})
  const at = party.clock.now()
  const done = await ledger.try([
    code === 'stage-timeout'
      ? { kind: 'lapse', at, stage: stage as Stage }
      : error instanceof PeerRefused
        ? { kind: 'refuse', at, code, why }
        : { kind: 'fail', at, code, why },
  ])
  if (isRefusal(done)) party.log.warn({ lease: ledger.leaseId, refused: done }, 'an end could not be written')
}
