import type { LeaseState } from '../../../domain/lease/lease.ts'
import type { Notice } from '../../../domain/lease/notice.ts'
import type { Ledger } from '../ledger.ts'
import type { Message, MessageOf } from '../messages.ts'
import type { Talk } from '../talk.ts'
import { type ChangeMessage, Changes } from './changes.ts'
import type { ProviderParty } from './deps.ts'
import { Notices } from './notices.ts'
import type { ServingEnd } from './serving.ts'

type WishMessage = MessageOf<'notice' | 'notice-withdrawn'> | ChangeMessage
const TYPES: readonly Message['type'][] = ['notice', 'notice-withdrawn', 'change', 'changed', 'change-refused']

/** What either side wants of a lease that runs, beside its ticks: that it ends, or goes on under other terms. */
export class Wishes {
  readonly #notices: Notices
  readonly #changes: Changes

  constructor(party: ProviderParty, ledger: Ledger) {
    this.#notices = new Notices(party, ledger)
    this.#changes = new Changes(party, ledger)
  }

  /** A session begins: what was told in the one before may be lost with it. */
  begin(): void {
    this.#notices.begin()
    this.#changes.begin()
  }

  is(message: Message): message is WishMessage {
    return TYPES.includes(message.type)
  }

  heard(message: WishMessage): Promise<ServingEnd | undefined> {
    return message.type === 'notice' || message.type === 'notice-withdrawn'
      ? this.#notices.heard(message)
      : this.#changes.heard(message)
  }

  /** Before each tick. */
  async tell(talk: Talk, state: LeaseState, height: number | undefined): Promise<void> {
    await this.#notices.tell(talk, state.context)
    await this.#changes.tell(talk, state, height)
  }

  /** The end that was announced, when its time has come. */
  due(notice: Notice | undefined): ServingEnd | undefined {
    return this.#notices.due(notice)
  }
}
