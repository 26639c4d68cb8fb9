import type { Clock } from '../../clock/port.ts'
import type { Ledger } from '../ledger.ts'
import type { MessageOf } from '../messages.ts'
import { steadySince } from '../steady-since.ts'
import type { Talk } from '../talk.ts'
import type { ProviderParty } from './deps.ts'

/** A publisher whose session stands may say for so long after the time is over that it has fetched its data, ms. */
const LATE_MS = 2_000

/** The last session of a lease, and the tunnels that were asked for while its machine stood still. */
export type LastSession = { readonly talk: Talk; readonly asked: readonly MessageOf<'tunnel'>[] }

export type DataGrace = {
  readonly ledger: Ledger
  /** When it ended, by the steady clock, where this process saw it. */
  readonly endedUs: number | undefined
  readonly session: LastSession | undefined
  readonly onTunnel: (message: MessageOf<'tunnel'>) => void
}

/** Data may still be fetched for a while; nobody is billed for it. Ends early when the publisher says so. */
export const keepData = async (
  { clock, machines, gateway }: ProviderParty,
  { ledger, endedUs, session, onTunnel }: DataGrace,
  signal: AbortSignal,
): Promise<void> => {
  const { terms, end } = (await ledger.lease()).context
  if (!terms || !end) return
  const { leaseId } = ledger
  const leftMs = terms.dataGraceMs - (clock.steadyUs() - (endedUs ?? steadySince(clock, end.at))) / 1000
  const { status } = await machines.inspect(leaseId)
  if (leftMs <= 0 || (status !== 'frozen' && status !== 'running')) return
  await machines.thaw(leaseId)
  // A process that was restarted in between has let nobody in yet.
  const { user, authorizedKeys } = terms.shell
  gateway.grant({ leaseId, user, authorizedKeys })
  for (const message of session?.asked ?? []) onTunnel(message)
  await untilOver(clock, leftMs, session, onTunnel, signal)
}

/** Until the time is over, or the publisher says that it has all. Without a session the time still runs: the grace is its right. */
const untilOver = async (
  clock: Clock,
  leftMs: number,
  session: LastSession | undefined,
  onTunnel: DataGrace['onTunnel'],
  signal: AbortSignal,
): Promise<void> => {
  const over = new AbortController()
  const stop = AbortSignal.any([signal, over.signal])
  const listen = async (talk: Talk) => {
    for (;;) {
      const message = await talk.next({ timeoutMs: leftMs + LATE_MS, signal: stop })
      if (message.type === 'release') return
      if (message.type === 'tunnel') onTunnel(message)
    }
  }
  const wait = clock.sleep(leftMs, stop)
  const released = session ? listen(session.talk).catch(() => wait) : wait
  await Promise.race([wait, released]).finally(() => over.abort(new Error('grace over')))
  wait.catch(() => {})
  released.catch(() => {})
}
