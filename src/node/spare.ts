import type { Closed } from '../../domain/availability/facts.ts'
import { PAUSES, type PauseCode } from '../../domain/lease/pauses.ts'
import type { Situation } from '../../domain/match.ts'
import { ALL_DAY_MIN, type Hours, minutesLeft, parseHours, showHours } from '../../domain/spare/hours.ts'
import type { Clock } from '../clock/port.ts'
import type { Config } from '../config.ts'
import { openLedger } from '../lease/ledger.ts'
import type { Party } from '../lease/party.ts'
import type { Machines } from '../machine/port.ts'
import { makeSpareParent, SPARE_PARENT } from '../machine/spare-cgroup.ts'
import type { Seeker } from '../market/seeker.ts'
import { openHostLoad } from '../spare/host-load.ts'
import { LOOK_MS, SpareCycles, type Tenant } from '../spare/spare-cycles.ts'

/** How this provider gives way: to hours, or to the owner of its machine. */
export type Spare = {
  /** For all machines, when they are to get only what nobody else wants. */
  readonly parentCgroup: string | undefined
  readonly notes: readonly string[]
  /** Leases must be pausable. */
  readonly pauses: boolean
  readonly open: () => Situation['open']
  /** The same for statistics: why nothing is lent out now; undefined: machines are. */
  readonly closed: () => Closed | undefined
  /** Looks after the leases until it is closed. */
  begin(seeker: Seeker, machines: Machines): { close(): Promise<void> }
}

export const openSpare = ({ when }: Pick<Config, 'when'>, party: Party): Spare => {
  const hours = parseHours(when)
  if (hours !== undefined) return onlyIn(hours, party)
  if (when === 'idle') return onlyIdle(party)
  return {
    parentCgroup: undefined,
    notes: [],
    pauses: false,
    open: () => undefined,
    closed: () => undefined,
    begin: (seeker) => {
      goOn(seeker, [])
      return { close: async () => {} }
    },
  }
}

/** By which `--when` a lease is paused. */
const LOAD: readonly PauseCode[] = ['owner-busy', 'memory-short']
const HOURS: readonly PauseCode[] = ['outside-hours']

/** Nobody else would end a pause that was begun under another `--when`, before this start. @param kept those that this one begins and ends */
const goOn = ({ running }: Pick<Seeker, 'running'>, kept: readonly PauseCode[]): void => {
  for (const code of [...LOAD, ...HOURS])
    if (!kept.includes(code)) for (const [, lease] of running) lease.pause(code, false)
}

/** Of the local day. */
const minuteNow = (clock: Clock): number => {
  const now = new Date(clock.now())
  return now.getHours() * 60 + now.getMinutes()
}

const openingOf = (hours: Hours, clock: Clock): Situation['open'] => {
  const left = minutesLeft(hours, minuteNow(clock))
  return left >= ALL_DAY_MIN ? undefined : { leftMs: left * 60_000, until: `in the hours ${showHours(hours)}` }
}

const onlyIn = (hours: Hours, party: Party): Spare => {
  const { clock } = party
  return {
    parentCgroup: undefined,
    notes: [
      `Machines are lent out in the hours ${showHours(hours)} of the local day; a lease that is there outside of them is paused.`,
    ],
    pauses: false,
    open: () => openingOf(hours, clock),
    closed: () => (openingOf(hours, clock)?.leftMs === 0 ? 'outside-hours' : undefined),
    begin: (seeker) => {
      goOn(seeker, HOURS)
      return running(party, async (signal) => {
        for (;;) {
          await clock.sleep(LOOK_MS, signal)
          const closed = openingOf(hours, clock)?.leftMs === 0
          for (const [, lease] of seeker.running) lease.pause('outside-hours', closed)
        }
      })
    },
  }
}

const onlyIdle = (party: Party): Spare => {
  const { clock, log, streams } = party
  const weighed = makeSpareParent()
  const begin = (seeker: Seeker, machines: Machines) => {
    goOn(seeker, LOAD)
    const ownUse = async () => {
      const { user, system } = process.cpuUsage()
      let sum = user + system
      for (const [leaseId] of seeker.running)
        sum += Number((await machines.counters(leaseId).catch(() => undefined))?.cpuUs ?? 0n)
      return sum
    }
    const tenants = async () => {
      const all: Tenant[] = []
      for (const [leaseId, lease] of seeker.running) {
        const ledger = openLedger(streams, leaseId)
        const { terms, servingSince, end, shrunkTo } = (await ledger.lease()).context
        if (terms === undefined || servingSince === undefined || end) continue
        const pause = (code: PauseCode, paused: boolean) => lease.pause(code, paused)
        // Refused only when it has ended meanwhile.
        const note = async (cpuMillis: number) =>
          void (await ledger.try([{ kind: 'shrink', at: clock.now(), cpuMillis }]))
        const { cpuMillis } = terms.resources
        all.push({ leaseId, cpuMillis, shrunkTo, pause, note, stop: () => lease.stop() })
      }
      return all
    }
    const shrink = (leaseId: string, cpuMillis: number) => machines.shrink(leaseId, cpuMillis)
    cycles = new SpareCycles({ clock, log, sample: openHostLoad(() => clock.steadyUs(), ownUse), tenants, shrink })
    return running(party, (signal) => cycles!.run(signal))
  }
  let cycles: SpareCycles | undefined
  const open = (): Situation['open'] => {
    const want = cycles?.want
    if (want === undefined || want.kind === 'run' || want.kind === 'shrink') return undefined
    return { leftMs: 0, until: want.kind === 'pause' ? PAUSES[want.code].next : 'memory is short' }
  }
  const closed = (): Closed | undefined => {
    const want = cycles?.want
    if (want?.kind === 'pause') return want.code
    return want?.kind === 'end' ? 'memory-short' : undefined
  }
  const plain =
    'Only what the owner of this machine leaves over is lent out: leases get fewer CPUs, stand still, or are ended.'
  const unweighed =
    'Leases are NOT given the least weight here (that needs root): an owner has to be seen working before they give way.'
  return {
    parentCgroup: weighed ? SPARE_PARENT : undefined,
    notes: weighed ? [plain] : [plain, unweighed],
    pauses: true,
    open,
    closed,
    begin,
  }
}

const running = ({ log }: Party, work: (signal: AbortSignal) => Promise<void>): { close(): Promise<void> } => {
  const stop = new AbortController()
  const done = work(stop.signal).catch((err) => {
    if (!stop.signal.aborted) log.error({ err }, 'nobody looks after spare cycles any more')
  })
  return {
    close: async () => {
      stop.abort(new Error('the node stops'))
      await done
    },
  }
}
