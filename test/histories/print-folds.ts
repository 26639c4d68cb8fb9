import { announcement } from '../../domain/announcement/announcement.ts'
import { followedChain } from '../../domain/chain/following.ts'
import { channel } from '../../domain/channel/channel.ts'
import { fingerprintOf } from '../../domain/chart-fingerprint.ts'
import type { Decider } from '../../domain/decider.ts'
import { effect } from '../../domain/effect/effect.ts'
import type { Fact } from '../../domain/fact.ts'
import { lease } from '../../domain/lease/lease.ts'
import { timer } from '../../domain/timer/timer.ts'
import { goldenFiles, goldenStreams } from './golden.ts'

// Prints, for each kind of stream, the fingerprint of its rules and a hash of every state that the golden histories go through.
// Run by Node itself: a test runner's transform changes the sources that a fingerprint is made of.

type AnyDecider = Decider<unknown, unknown, Fact>
const DECIDERS = { lease, channel, announcement, chain: followedChain, effect, timer } as unknown as Readonly<
  Record<string, AnyDecider>
>

const found: Record<string, unknown> = {}
for (const [kind, { initial, evolve, keeping }] of Object.entries(DECIDERS)) {
  const states: unknown[] = []
  for (const file of goldenFiles()) {
    for (const [stream, facts] of goldenStreams(file)) {
      if (stream.split('-')[0] !== kind) continue
      let state = initial
      for (const fact of facts) {
        state = evolve(state, fact)
        states.push(keeping!.freeze(state))
      }
    }
  }
  found[kind] = { fingerprint: keeping!.fingerprint, states: states.length, folds: fingerprintOf(states) }
}
console.log(JSON.stringify(found, undefined, 2))
