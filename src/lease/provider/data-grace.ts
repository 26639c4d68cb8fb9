import type { Clock } from '../../clock/port.ts'
import type { Ledger } from '../ledger.ts'
import type { MessageOf } from '../messages.ts'
import { steadySince } from '../steady-since.ts'
import type { Talk } from '../talk.ts'
import type { ProviderParty } from './deps.ts'

/** A publisher whose session stands may say for so long after the time is over that it has fetched its data, ms. */
const LATE_MS = 2_000
/** A publisher that is not connected is called so often, ms. */
const CALL_AGAIN_MS = 2_000

/** The last session of a lease, and the tunnels that were asked for while its machine stood still. */
export type LastSession = { readonly talk: Talk; readonly asked: readonly MessageOf<'tunnel'>[] }

export type DataGrace = {
  readonly ledger: Ledger
  /** When it ended, by the steady clock, where this process saw it. */
  readonly endedUs: number | undefined
  readonly session: LastSession | undefined
  /** A new session with the publisher. */
  readonly connect: (signal: AbortSignal) => Promise<Talk>
  readonly onTunnel: (message: MessageOf<'tunnel'>) => void
}

/**
 * Data may still be read for a while; nobody is billed for it, and nothing of the tenant's runs. Ends early when the publisher says so.
 * After a restart of the provider it goes on: when it is over follows from the log.
 */
export const keepData = async (
  { clock, machines, gateway }: ProviderParty,
  grace: DataGrace,
  signal: AbortSignal,
): Promise<void> => {
  const { ledger, endedUs, session, onTunnel } = grace
  const { terms, end } = (await ledger.lease()).context
  if (!terms || !end) return
  const { leaseId } = ledger
  const leftMs = terms.dataGraceMs - (clock.steadyUs() - (endedUs ?? steadySince(clock, end.at))) / 1000
  const { status } = await machines.inspect(leaseId)
  if (leftMs <= 0 || (status !== 'frozen' && status !== 'running')) return
  // Before it runs again: whoever is still connected may do no more than who comes now.
  const { user, authorizedKeys } = terms.shell
  const until = new Date(end.at + terms.dataGraceMs).toISOString()
  const readOnly = `this lease has ended: until ${until} its files can be read with scp, sftp or cat, and nothing else runs here.`
  gateway.grant({ leaseId, user, authorizedKeys, readOnly })
  await machines.seal(leaseId)
  for (const message of session?.asked ?? []) onTunnel(message)
  await untilOver(clock, leftMs, grace, signal)
}

/**
 * Until the time is over, or the publisher says that it has all. Without a session the time still runs, for the grace is its right; it is
 * called again meanwhile, since its ways into the machine are asked for in a session.
 */
const untilOver = async (
  clock: Clock,
  leftMs: number,
  { session, onTunnel, connect }: DataGrace,
  signal: AbortSignal,
): Promise<void> => {
  const over = new AbortController()
  const stop = AbortSignal.any([signal, over.signal])
  const released = async (talk: Talk): Promise<true> => {
    for (;;) {
      const message = await talk.next({ timeoutMs: leftMs + LATE_MS, signal: stop })
      if (message.type === 'release') return true
      if (message.type === 'tunnel') onTunnel(message)
    }
  }
  const listen = async () => {
    if (session && (await released(session.talk).catch(() => false))) return
    for (;;) {
      await clock.sleep(CALL_AGAIN_MS, stop)
      const talk = await connect(stop).catch(() => undefined)
      const isDone = talk !== undefined && (await released(talk).catch(() => false))
      talk?.close()
      if (isDone) return
    }
  }
  const wait = clock.sleep(leftMs, stop)
  const listened = listen().catch(() => wait)
  await Promise.race([wait, listened]).finally(() => over.abort(new Error('grace over')))
  wait.catch(() => {})
  listened.catch(() => {})
}
