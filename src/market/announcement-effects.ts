import { effectId } from '../../domain/effect/effect.ts'
import { GIVE_UP, WITHDRAW_FILLED } from '../../domain/effect/kinds.ts'
import { Fault } from '../../domain/fault.ts'
import type { EffectKinds, NotYet } from '../process/port.ts'
import { askStep, timerStep } from '../process/steps.ts'

/** What of an announcement is done later. Idempotent: each looks first at what is still so. */
export type Withdrawals = {
  withdrawIfFilled(txid: string): Promise<void>
  giveUp(txid: string): Promise<NotYet | undefined>
}

/** Five minutes of a chain that answers and says no, before somebody has to look. */
const RETRY = { attempts: 12, firstMs: 500, maxMs: 60_000 }

/** A chain that cannot be reached is waited for: the bond is money. */
const isAway = (error: unknown): boolean => error instanceof Fault && error.code === 'chain.unreachable'

export const announcementEffects = (own: Withdrawals): EffectKinds => ({
  [WITHDRAW_FILLED]: {
    retry: RETRY,
    isAway,
    do: async ({ subject }) => {
      await own.withdrawIfFilled(subject)
      return undefined
    },
  },
  [GIVE_UP]: { retry: RETRY, isAway, do: ({ subject }) => own.giveUp(subject) },
})

export const giveUpKey = (txid: string): string => `${GIVE_UP}:${txid}`

/** In one unit with the announcement. */
export const giveUpSteps = (at: number, txid: string, giveUpAt: number | undefined) =>
  giveUpAt === undefined ? [] : [timerStep(at, { key: giveUpKey(txid), due: giveUpAt, kind: GIVE_UP, subject: txid })]

/** For one that was filled when nothing was asked for yet. */
export const filledStep = (at: number, txid: string) =>
  askStep(at, { id: effectId(WITHDRAW_FILLED, txid), kind: WITHDRAW_FILLED, subject: txid })
