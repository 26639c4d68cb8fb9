import { randomBytes } from 'node:crypto'
import { type LoginFact, loginStream } from '../../domain/login/facts.ts'
import type { Clock } from '../clock/port.ts'
import { Conflict, type Journal } from '../journal/port.ts'
import type { Log } from '../log/port.ts'
import { LOGINS_PER_MINUTE_MAX, type LoginBook } from './port.ts'

const MINUTE_MS = 60_000
/** Facts read of a stream when it is first written to: enough for every login that a crash can have left open. */
const READ_BACK = 1_000
const NO_CHANNELS = { shell: 0, exec: 0, sftp: 0, forward: 0, listener: 0 } as const

type Lease = {
  /** Of the minute that began at `since`. */
  since: number
  recorded: number
  refused: number
  unrecorded: number
  version: number | undefined
  /** Logins of this process that last. */
  readonly open: Set<string>
  over: boolean
  waiting: LoginFact[]
  writing: Promise<void> | undefined
  timer: NodeJS.Timeout | undefined
}

export type LoginLogOptions = { readonly journal: Journal; readonly clock: Clock; readonly log: Log }

/**
 * Writes logins down, a stream for each lease. A client that comes in without end makes so many facts a minute and no more; refused
 * connections are counted, one fact a minute at the most. A log that does not take them costs nobody their shell.
 */
export const openLoginLog = ({ journal, clock, log }: LoginLogOptions): LoginBook & { close(): Promise<void> } => {
  const leases = new Map<string, Lease>()

  const leaseOf = (leaseId: string): Lease => {
    const known = leases.get(leaseId)
    if (known !== undefined) return known
    const none = { recorded: 0, refused: 0, unrecorded: 0, version: undefined, waiting: [], over: false }
    const fresh: Lease = { ...none, open: new Set(), since: clock.now(), writing: undefined, timer: undefined }
    leases.set(leaseId, fresh)
    return fresh
  }

  /** Where the stream stands, and the ends of logins that an earlier life of this node left open. */
  const begin = async (leaseId: string, lease: Lease): Promise<LoginFact[]> => {
    const before = await journal.readBackward(loginStream(leaseId), undefined, READ_BACK)
    lease.version = before[0]?.version ?? 0
    const closed = new Set<string>()
    const left: LoginFact[] = []
    for (const { fact } of before) {
      const told = fact as LoginFact
      if (told.type === 'login.closed') closed.add(told.login)
      if (told.type !== 'login.opened' || closed.has(told.login) || lease.open.has(told.login)) continue
      const { login } = told
      const nothing = { channels: NO_CHANNELS, rxBytes: 0n, txBytes: 0n }
      left.push({ type: 'login.closed', at: clock.now(), login, why: 'node-stopped', ...nothing })
    }
    return left
  }

  const letGo = (lease: Lease, facts: readonly LoginFact[]) => {
    for (const fact of facts) if (fact.type === 'login.closed') lease.open.delete(fact.login)
  }

  const write = async (leaseId: string, lease: Lease): Promise<void> => {
    while (lease.waiting.length > 0) {
      const left = lease.version === undefined ? await begin(leaseId, lease) : []
      const facts = [...left, ...lease.waiting.splice(0)]
      const expected = lease.version ?? 0
      try {
        await journal.transact([{ stream: loginStream(leaseId), expected, facts }], { correlationId: leaseId })
        lease.version = expected + facts.length
        letGo(lease, facts)
      } catch (error) {
        lease.version = undefined
        if (error instanceof Conflict) {
          lease.waiting.unshift(...facts.filter((fact) => !left.includes(fact)))
          continue
        }
        letGo(lease, facts)
        throw error
      }
    }
  }
  const flush = (leaseId: string, lease: Lease): Promise<void> => {
    lease.writing ??= write(leaseId, lease)
      .catch((err: unknown) => log.warn({ lease: leaseId, err }, 'logins were not written down'))
      .finally(() => {
        lease.writing = undefined
        if (lease.over && lease.open.size + lease.waiting.length === 0) leases.delete(leaseId)
      })
    return lease.writing
  }
  const count = (leaseId: string, lease: Lease) => {
    clearTimeout(lease.timer)
    lease.timer = undefined
    const { refused, unrecorded } = lease
    if (refused + unrecorded === 0) return
    lease.refused = 0
    lease.unrecorded = 0
    lease.waiting.push({ type: 'login.counted', at: clock.now(), refused, unrecorded })
    void flush(leaseId, lease)
  }
  const countLater = (leaseId: string, lease: Lease) => {
    lease.timer ??= setTimeout(() => count(leaseId, lease), MINUTE_MS).unref()
  }

  return {
    opened: (leaseId, { key, from }) => {
      const lease = leaseOf(leaseId)
      const now = clock.now()
      if (Math.abs(now - lease.since) >= MINUTE_MS) Object.assign(lease, { since: now, recorded: 0 })
      if (lease.recorded >= LOGINS_PER_MINUTE_MAX) {
        lease.unrecorded += 1
        countLater(leaseId, lease)
        return undefined
      }
      lease.recorded += 1
      const login = randomBytes(8).toString('hex')
      lease.open.add(login)
      lease.waiting.push({ type: 'login.opened', at: now, login, key, from })
      void flush(leaseId, lease)
      return login
    },
    closed: (leaseId, login, said) => {
      const lease = leaseOf(leaseId)
      lease.waiting.push({ type: 'login.closed', at: clock.now(), login, ...said })
      void flush(leaseId, lease)
    },
    refused: (leaseId) => {
      const lease = leaseOf(leaseId)
      lease.refused += 1
      countLater(leaseId, lease)
    },
    ended: (leaseId) => {
      const lease = leases.get(leaseId)
      if (lease === undefined) return
      lease.over = true
      count(leaseId, lease)
      void flush(leaseId, lease)
    },
    close: async () => {
      for (const [leaseId, lease] of leases) count(leaseId, lease)
      await Promise.all([...leases].map(([leaseId, lease]) => flush(leaseId, lease)))
    },
  }
}
