import type { AnyStateMachine } from 'xstate'
import { announcement } from '../../../domain/announcement/announcement.ts'
import { announcementChart } from '../../../domain/announcement/chart.ts'
import { channel } from '../../../domain/channel/channel.ts'
import { channelChart } from '../../../domain/channel/chart.ts'
import { claimChart } from '../../../domain/claim/chart.ts'
import { claim } from '../../../domain/claim/claim.ts'
import type { Decider } from '../../../domain/decider.ts'
import { effectChart } from '../../../domain/effect/chart.ts'
import { effect } from '../../../domain/effect/effect.ts'
import type { Fact } from '../../../domain/fact.ts'
import { leaseChart } from '../../../domain/lease/chart.ts'
import { lease } from '../../../domain/lease/lease.ts'
import { timerChart } from '../../../domain/timer/chart.ts'
import { timer } from '../../../domain/timer/timer.ts'
import { announcementCommands, announcementFacts } from '../announcement/sample.ts'
import { channelCommands, channelFacts } from '../channel/sample.ts'
import { claimCommands, claimFacts } from '../claim/sample.ts'
import { effectCommands, effectFacts } from '../effect/sample.ts'
import { leaseCommands, leaseFacts } from '../lease/sample.ts'
import { timerCommands, timerFacts } from '../timer/sample.ts'

export type AnyState = {
  readonly value: unknown
  readonly context: unknown
  readonly status: string
  readonly children: object
  can(fact: never): boolean
}

type EveryChart = {
  readonly name: string
  readonly chart: AnyStateMachine
  readonly decider: Decider<unknown, AnyState, Fact>
  /** One of each fact; `salt` varies what may vary. */
  facts(salt: number): readonly Fact[]
  commands(salt: number): readonly { readonly kind: string }[]
}

// Deciders of different streams have nothing in common but their form: what is asked of all of them is untyped.
const row = <C extends { readonly kind: string }>(
  name: string,
  chart: unknown,
  decider: unknown,
  facts: (salt: number) => object,
  commands: (salt: number) => readonly C[],
): EveryChart => ({
  name,
  chart: chart as AnyStateMachine,
  decider: decider as EveryChart['decider'],
  facts: (salt) => Object.values(facts(salt)) as Fact[],
  commands,
})

/** Every statechart of the domain. */
export const EVERY_CHART: readonly EveryChart[] = [
  row('lease, publisher', leaseChart, lease, leaseFacts, (salt) => Object.values(leaseCommands('publisher', salt))),
  row(
    'lease, provider',
    leaseChart,
    lease,
    (salt) => leaseFacts(salt, 'provider'),
    (salt) => Object.values(leaseCommands('provider', salt)),
  ),
  row('channel', channelChart, channel, channelFacts, channelCommands),
  row('announcement', announcementChart, announcement, announcementFacts, announcementCommands),
  row('claim', claimChart, claim, claimFacts, claimCommands),
  row('effect', effectChart, effect, effectFacts, effectCommands),
  row('timer', timerChart, timer, timerFacts, timerCommands),
]
