import { announcementChart } from '../../domain/announcement/chart.ts'
import { channelChart } from '../../domain/channel/chart.ts'
import { fingerprintOf, sourceOf } from '../../domain/chart-fingerprint.ts'
import type { Keeping } from '../../domain/decider.ts'
import { effectChart } from '../../domain/effect/chart.ts'
import { leaseChart } from '../../domain/lease/chart.ts'
import { overTypes } from '../../domain/over.ts'
import { timerChart } from '../../domain/timer/chart.ts'
import type { Recorded } from '../journal/port.ts'

/** Charts of the streams that end. A claim's never does. */
const TYPES = [leaseChart, channelChart, announcementChart, effectChart, timerChart].map(overTypes)
const ENDING: ReadonlySet<string> = new Set(TYPES.flatMap(({ ending }) => ending))
const REOPENING: ReadonlySet<string> = new Set(TYPES.flatMap(({ reopening }) => reopening))

/** Facts that say whether a stream is over. */
export const END_TYPES: readonly string[] = [...ENDING, ...REOPENING]

/** Streams that are over and not put away, each with the time of its end, Unix ms; in the order of the log. */
export class EndedStreams {
  readonly #ended: Map<string, number>

  constructor(ended: readonly (readonly [string, number])[] = []) {
    this.#ended = new Map(ended)
  }

  fold({ stream, fact }: Recorded): void {
    this.#ended.delete(stream)
    if (ENDING.has(fact.type)) this.#ended.set(stream, fact.at)
  }

  /** Up to `most` that ended at `latest` or before. */
  due(latest: number, most: number): string[] {
    const due: string[] = []
    for (const [stream, at] of this.#ended) {
      if (due.length === most) break
      if (at <= latest) due.push(stream)
    }
    return due
  }

  drop(streams: readonly string[]): void {
    for (const stream of streams) this.#ended.delete(stream)
  }

  get size(): number {
    return this.#ended.size
  }

  freeze(): readonly (readonly [string, number])[] {
    return [...this.#ended]
  }
}

export const ENDED_KEEPING: Keeping<EndedStreams> = {
  fingerprint: fingerprintOf([sourceOf(EndedStreams), END_TYPES]),
  freeze: (ended) => ended.freeze(),
  thaw: (frozen) => new EndedStreams(frozen as readonly (readonly [string, number])[]),
}
