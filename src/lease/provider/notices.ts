import { numberOf } from '../../../domain/lease/change.ts'
import type { LeaseState } from '../../../domain/lease/lease.ts'
import type { Notice } from '../../../domain/lease/notice.ts'
import type { Ledger } from '../ledger.ts'
import type { MessageOf } from '../messages.ts'
import { hearNotice, noticeMessage } from '../notice.ts'
import { NoticeClock } from '../notice-clock.ts'
import type { Talk } from '../talk.ts'
import type { ProviderParty } from './deps.ts'
import { letIn } from './greeting.ts'
import type { ServingEnd } from './serving.ts'

/** What either side said of the end of a lease, on the provider's side: which of it the publisher knows, and when it is time. */
export class Notices {
  readonly #party: ProviderParty
  readonly #ledger: Ledger
  readonly #clock: NoticeClock
  /** The own notice that the publisher was told of in this session. */
  #told: Notice | undefined
  /** What shells were last told of: when it ends, by which notice or which terms. */
  #greeted: string | undefined

  constructor(party: ProviderParty, ledger: Ledger) {
    this.#party = party
    this.#ledger = ledger
    this.#clock = new NoticeClock(party.clock)
  }

  /** A session begins: what was told in the one before may be lost with it. */
  begin(): void {
    this.#told = undefined
  }

  /** Tells what the publisher does not know yet, and who logs in from now on. */
  async tell(talk: Talk, context: LeaseState['context']): Promise<void> {
    const { notice, notices, terms } = context
    const greeted = `${notice?.at} ${terms && numberOf(terms)}`
    if (greeted !== this.#greeted) letIn(this.#party, context)
    this.#greeted = greeted
    const own = notices.find(({ by }) => by === 'provider')
    if (own === undefined || (own.at === this.#told?.at && own.withdrawn === this.#told.withdrawn)) return
    this.#told = own
    await talk.send(noticeMessage(own, this.#party.clock.now()))
  }

  /** Writes down what the publisher says. @returns the end, when that is to be at once */
  async heard(message: MessageOf<'notice' | 'notice-withdrawn'>): Promise<ServingEnd | undefined> {
    await hearNotice(this.#ledger, this.#party.clock.now(), 'publisher', message)
    return this.due((await this.#ledger.lease()).context.notice)
  }

  /** The end that was announced, when its time has come. */
  due(notice: Notice | undefined): ServingEnd | undefined {
    if (notice === undefined || this.#clock.leftMs(notice) > 0) return undefined
    return { code: notice.code, why: `the ${notice.by} asked for the end` }
  }
}
