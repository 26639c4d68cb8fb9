import type { LeaseCommand } from '../../domain/lease/commands.ts'
import type { Side } from '../../domain/lease/facts.ts'
import type { LeaseState } from '../../domain/lease/lease.ts'
import type { Notice } from '../../domain/lease/notice.ts'
import type { Ledger } from './ledger.ts'
import type { MessageOf } from './messages.ts'
import type { Talk } from './talk.ts'

/** In so many ms; absent: at once. */
export type When = number | 'withdraw' | undefined

/** How one side announces the end of a lease in its own log. */
export const noticeCommand = (at: number, by: Side, when: When): LeaseCommand =>
  when === 'withdraw'
    ? { kind: 'withdraw-notice', at, by }
    : { kind: 'notice', at, by, code: `stopped-by-${by}`, ...(when === undefined ? {} : { endsAt: at + when }) }

type NoticeMessage = MessageOf<'notice' | 'notice-withdrawn'>

/** An own notice as the other side is told of it: in so many ms, since its clock may be set otherwise. */
export const noticeMessage = ({ by, endsAt, withdrawn }: Notice, now: number): NoticeMessage =>
  withdrawn
    ? { type: 'notice-withdrawn' }
    : {
        type: 'notice',
        code: `stopped-by-${by}`,
        ...(endsAt === undefined ? {} : { inMs: Math.max(0, Math.round(endsAt - now)) }),
      }

/** So much later a notice may come out when it is told again, ms. */
const SAME_WITHIN_MS = 2_000

/** Writes down what the other side says of its own notice: the newest word counts, be it that an earlier one was lost on the way. */
export const hearNotice = async (ledger: Ledger, at: number, by: Side, message: NoticeMessage): Promise<void> => {
  const withdraw = noticeCommand(at, by, 'withdraw')
  if (message.type === 'notice-withdrawn') return void (await ledger.try([withdraw]))
  const { notices } = (await ledger.lease()).context
  const known = notices.find((notice) => notice.by === by && !notice.withdrawn)
  const endsAt = message.inMs === undefined ? undefined : at + message.inMs
  // The same word told again: on the way it took a little more or less.
  if (endsAt !== undefined && known?.endsAt !== undefined && Math.abs(endsAt - known.endsAt) <= SAME_WITHIN_MS) return
  const isPutOff = endsAt !== undefined && known?.endsAt !== undefined && endsAt > known.endsAt + SAME_WITHIN_MS
  await ledger.try([...(isPutOff ? [withdraw] : []), noticeCommand(at, by, message.inMs)])
}

/** Tells the provider what this publisher's log says of the end. Best effort: it is told again in each new session. */
export const tellNotice = async (talk: Talk | undefined, { context }: LeaseState, now: number): Promise<void> => {
  const own = context.notices.find(({ by }) => by === 'publisher')
  if (own && !context.end) await talk?.send(noticeMessage(own, now)).catch(() => {})
}
