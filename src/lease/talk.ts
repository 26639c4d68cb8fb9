import { Fault } from '../../domain/fault.ts'
import type { FailureCode } from '../../domain/lease/ends.ts'
import type { Link, ReceiveOptions } from '../peer/port.ts'
import { type Message, type MessageOf, parseMessage } from './messages.ts'

/** The other side said no, with a code of `FAILURES`. */
export class PeerRefused extends Fault {
  readonly failure: FailureCode
  readonly why: string
  constructor(failure: FailureCode, why: string) {
    super('lease.peer-refused', `the other node refused: ${failure}: ${why}`, { culprit: 'peer-unreachable' })
    this.failure = failure
    this.why = why
  }
}

/** A link on which both ends have proved their keys, and whose messages are checked. */
export interface Talk {
  readonly remote: string
  send(message: Message): Promise<void>
  /** @throws Fault `lease.bad-message`; those of `Link.receive` */
  next(options?: ReceiveOptions): Promise<Message>
  /**
   * The next message, which has to be of this type; those of the type `skipping` are passed over.
   * @throws PeerRefused when it is a refusal; Fault `lease.unexpected-message`
   */
  expect<T extends Message['type']>(
    type: T,
    options?: ReceiveOptions & { readonly skipping?: Message['type'] },
  ): Promise<MessageOf<T>>
  close(): void
}

/** How long a link that has ended may take to give what had arrived on it. */
const LAST_WORD_TIMEOUT_MS = 1_000

/** What a session broke on: the refusal that the other side sent before it hung up, when there is one still to be read. */
export const lastWord = async (talk: Talk | undefined, error: unknown): Promise<unknown> => {
  if (!talk || !(error instanceof Fault) || error.code !== 'peer.closed') return error
  try {
    for (;;) {
      const message = await talk.next({ timeoutMs: LAST_WORD_TIMEOUT_MS })
      if (message.type === 'refuse') return new PeerRefused(message.code, message.why)
    }
  } catch {
    return error
  }
}

/** The same talk, which tells of each message that came. */
export const heardOver = (talk: Talk, heard: () => void): Talk => {
  const told = <T extends Message>(message: T): T => {
    heard()
    return message
  }
  return {
    ...talk,
    next: async (options) => told(await talk.next(options)),
    expect: async (type, options) => told(await talk.expect(type, options)),
  }
}

export const talkOver = (link: Link): Talk => {
  const talk: Talk = {
    remote: link.remote,
    send: (message) => link.send(message),
    async next(options) {
      const message = parseMessage(await link.receive(options))
      if (typeof message !== 'string') return message
      link.close()
      throw new Fault('lease.bad-message', `${link.remote} sent a message that breaks the protocol: ${message}`, {
        culprit: 'peer-unreachable',
        next: 'Update the older of the two nodes.',
      })
    },
    async expect(type, options) {
      const message = await talk.next(options)
      if (message.type === type) return message as never
      if (message.type === options?.skipping) return await talk.expect(type, options)
      if (message.type === 'refuse') throw new PeerRefused(message.code, message.why)
      // It gave this side up while there was no session.
      if (message.type === 'end') throw new PeerRefused('stage-timeout', `it is over: ${message.code}: ${message.why}`)
      link.close()
      throw new Fault('lease.unexpected-message', `${link.remote} sent ${message.type} where ${type} was due`, {
        culprit: 'peer-unreachable',
        next: 'Update the older of the two nodes.',
      })
    },
    close: () => link.close(),
  }
  return talk
}
