import type { Clock } from '../../clock/port.ts'
import type { Message } from '../messages.ts'
import type { Talk } from '../talk.ts'

/** A publisher that says nothing for so long, though its connection stands, is gone. Its vouchers come with every tick. */
export const SILENCE_MS = 60_000

export type Turns = {
  /** A message, or that a tick's time has passed since the last tick was dealt with. @throws Fault `peer.*`; the signal's reason */
  next(): Promise<'tick' | Message>
  /** @returns a message that has come and that nobody has dealt with yet */
  close(): Promise<Message | undefined>
}

/** What happens in one session of a lease that is served, one thing after the other. */
export const openTurns = (clock: Clock, tickMs: number, talk: Talk, signal: AbortSignal): Turns => {
  const timer = new AbortController()
  const abort = () => timer.abort(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  let tick: Promise<'tick'> | undefined
  let message: Promise<Message> | undefined
  return {
    async next() {
      signal.throwIfAborted()
      tick ??= clock.sleep(tickMs, timer.signal).then(() => 'tick' as const)
      message ??= talk.next({ timeoutMs: SILENCE_MS, signal: timer.signal })
      const event = await Promise.race([tick, message])
      if (event === 'tick') tick = undefined
      else message = undefined
      return event
    },
    async close() {
      signal.removeEventListener('abort', abort)
      timer.abort(new Error('session over'))
      tick?.catch(() => {})
      const unread = message?.catch(() => undefined)
      message = undefined
      return await unread
    },
  }
}
