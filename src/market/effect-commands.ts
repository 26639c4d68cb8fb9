import { acceptedFacts } from '../../domain/accepts.ts'
import { effect, effectStream } from '../../domain/effect/effect.ts'
import { isRefusal } from '../../domain/fact.ts'
import type { Done, EffectCommands, Problem } from '../api/port.ts'
import type { Clock } from '../clock/port.ts'
import type { Journal } from '../journal/port.ts'
import type { Streams } from '../journal/streams.ts'
import { problem } from './answer.ts'

export type EffectCommandsParts = { readonly journal: Journal; readonly streams: Streams; readonly clock: Clock }

const NEXT = 'See `zennet effects ls --all`.'

/** What a person can tell an effect. Whichever node does it follows the log, and hears of it there. */
export const openEffectCommands = ({ journal, streams, clock }: EffectCommandsParts): EffectCommands => {
  const tell = async (effectId: string, kind: 'replay' | 'drop'): Promise<Done<{ effectId: string }> | Problem> => {
    const done = await streams.execute(effect, effectStream(effectId), { kind, at: clock.now() })
    if (!isRefusal(done)) return { effectId, position: Math.max(done.position, await journal.head()) }
    const { state } = await streams.load(effect, effectStream(effectId))
    if (state.value === 'unknown') return problem('not-found', `there is no effect ${effectId}`, NEXT)
    const conflict = { state: String(state.value), accepts: acceptedFacts(state) }
    return { ...problem('state-conflict', done.why, NEXT), conflict }
  }
  return {
    replay: (effectId) => tell(effectId, 'replay'),
    drop: (effectId) => tell(effectId, 'drop'),
  }
}
