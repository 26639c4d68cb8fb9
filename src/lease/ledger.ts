import { type ChannelCommand, type ChannelState, channel } from '../../domain/channel/channel.ts'
import { inSequence } from '../../domain/decider.ts'
import { isRefusal, type Refusal } from '../../domain/fact.ts'
import { Fault } from '../../domain/fault.ts'
import { channelStream, leaseStream } from '../../domain/ids.ts'
import type { LeaseCommand } from '../../domain/lease/commands.ts'
import { type LeaseState, lease } from '../../domain/lease/lease.ts'
import type { Streams } from '../journal/streams.ts'
import type { askStep } from '../process/steps.ts'

/** Rules for several commands in one unit; every writer of these streams uses these, so that folded states are shared. */
export const leaseRules = inSequence(lease)
export const channelRules = inSequence(channel)

type Ask = ReturnType<typeof askStep>
/** Commands for channels of a lease, by leg; the first is 0. */
export type OnLegs = ReadonlyMap<number, readonly ChannelCommand[]>

/** A lease and its channel in the log: two streams, written as one. */
export interface Ledger {
  readonly leaseId: string
  lease(): Promise<LeaseState>
  /** The first channel, or that of a top-up. */
  channel(leg?: number): Promise<ChannelState>
  /** Does all the commands, or none and says why. `asks`: effects that are asked for in the same unit. */
  try(
    forLease: readonly LeaseCommand[],
    forChannels?: readonly ChannelCommand[] | OnLegs,
    asks?: readonly Ask[],
  ): Promise<LeaseState | Refusal>
  /** Does commands that this side may always give. @throws Fault `lease.refused`, with the peer as culprit: it broke the rules */
  record(
    forLease: readonly LeaseCommand[],
    forChannels?: readonly ChannelCommand[] | OnLegs,
    asks?: readonly Ask[],
  ): Promise<LeaseState>
}

export const openLedger = (streams: Streams, leaseId: string): Ledger => {
  const ledger: Ledger = {
    leaseId,
    lease: async () => (await streams.load(leaseRules, leaseStream(leaseId))).state,
    channel: async (leg = 0) => (await streams.load(channelRules, channelStream(leaseId, leg))).state,
    async try(forLease, forChannels = [], asks = []) {
      const done = await streams.transact(
        [
          { decider: leaseRules, stream: leaseStream(leaseId), command: forLease },
          ...[...onLegs(forChannels)].map(([leg, command]) => ({
            decider: channelRules,
            stream: channelStream(leaseId, leg),
            command,
          })),
          ...asks,
        ],
        { correlationId: leaseId },
      )
      return isRefusal(done) ? done : (done.done[0].state as LeaseState)
    },
    async record(forLease, forChannels, asks) {
      const done = await ledger.try(forLease, forChannels, asks)
      if (!isRefusal(done)) return done
      const commands = [...forLease, ...[...onLegs(forChannels ?? []).values()].flat()]
        .map((command) => command.kind)
        .join(', ')
      throw new Fault('lease.refused', `${commands}: ${done.refused}: ${done.why}`, {
        culprit: 'peer-unreachable',
        next: 'The other node broke the rules of the lease, or repeated itself; see the log.',
      })
    },
  }
  return ledger
}

const onLegs = (commands: readonly ChannelCommand[] | OnLegs): OnLegs =>
  commands instanceof Map ? commands : new Map([[0, commands as readonly ChannelCommand[]]])
