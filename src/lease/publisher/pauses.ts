import { isRefusal, type Refusal } from '../../../domain/fact.ts'
import type { LeaseCommand } from '../../../domain/lease/commands.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import { OWN as OWN_PAUSES, type PauseCode } from '../../../domain/lease/pauses.ts'
import { usedNothing } from '../../../domain/usage.ts'
import type { Ledger } from '../ledger.ts'
import type { MessageOf } from '../messages.ts'
import type { Talk } from '../talk.ts'
import type { PublisherParty } from './deps.ts'

const OWN: PauseCode = OWN_PAUSES.publisher

/** Writes down that the machine is to stand still, or to go on, and asks the provider when there is a session. */
export const wantPause = async (
  { clock }: PublisherParty,
  ledger: Ledger,
  paused: boolean,
  talk: Talk | undefined,
): Promise<LeaseState | Refusal> => {
  const done = await ledger.try([{ kind: 'want-pause', at: clock.now(), paused }])
  if (!isRefusal(done) && talk) await talk.send({ type: 'pause', paused }).catch(() => {})
  return done
}

/** In a new session: what was asked for in the one before may be lost with it. */
export const askPauseAgain = async (ledger: Ledger, talk: Talk): Promise<void> => {
  const { pauses, pauseWanted } = (await ledger.lease()).context
  if (pauses.some(({ code }) => code === OWN) !== pauseWanted) await talk.send({ type: 'pause', paused: pauseWanted })
}

/** The provider says what its machine stands still for. That this side asked for it is believed when it did. */
export const believePauses = async ({ clock, log }: PublisherParty, ledger: Ledger, said: readonly PauseCode[]) => {
  const { pauses, pauseWanted, end } = (await ledger.lease()).context
  if (end) return
  const known = pauses.map(({ code }) => code)
  const isOwn = pauseWanted || known.includes(OWN)
  const now = said.map((code): PauseCode => (code === OWN && !isOwn ? 'asked-by-provider' : code))
  const at = clock.now()
  const done = await ledger.try([
    ...now.filter((code) => !known.includes(code)).map((code) => ({ kind: 'pause' as const, at, code })),
    ...known.filter((code) => !now.includes(code)).map((code) => ({ kind: 'resume' as const, at, code })),
  ])
  if (isRefusal(done)) log.warn({ lease: ledger.leaseId, refused: done }, 'the provider’s pause was not taken')
}

/**
 * After a session was lost the machine may have gone on and stood still again, without a word of it having come here: then it was not
 * paused all the time. Not when this side wants the pause: nobody else may end that.
 */
export const rejoinPauses = async (
  { clock }: PublisherParty,
  ledger: Ledger,
  { usage }: MessageOf<'resume'>,
): Promise<void> => {
  const { pauses, pauseWanted, usage: before } = (await ledger.lease()).context
  const isHeld = pauseWanted && pauses.some(({ code }) => code === OWN)
  if (isHeld || pauses.length === 0 || usedNothing(before, usage)) return
  const at = clock.now()
  await ledger.record(pauses.map(({ code }): LeaseCommand => ({ kind: 'resume', at, code })))
}
