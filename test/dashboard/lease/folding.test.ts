import { describe, expect, it } from 'vitest'
import { chartGraph } from '../../../domain/chart-graph.ts'
import { leaseChart } from '../../../domain/lease/chart.ts'
import { stageOf } from '../../../domain/lease/lease.ts'
import { plainJson } from '../../../domain/plain-text.ts'
import { deadlinesOf } from '../../../src/dashboard/lease/chart/deadlines.ts'
import { placed } from '../../../src/dashboard/lease/chart/layout.ts'
import { edgesIn, isTaken, leafOf, nextOn, stepsOf } from '../../../src/dashboard/lease/chart/path.ts'
import { logFile, parseLogFile } from '../../../src/dashboard/lease/log/log-file.ts'
import { openReplay } from '../../../src/dashboard/lease/log/replay.ts'
import { BEGUN, entriesOf, LIVED } from './story.ts'

const entries = entriesOf(LIVED)
const states = openReplay().statesOf(entries)
const graph = chartGraph(leaseChart)

describe('a lease folded by the page', () => {
  it('goes on where it was, and begins anew with other facts', () => {
    const replay = openReplay()
    replay.statesOf(entries.slice(0, 4))
    expect(replay.statesOf(entries).at(-1)!.context).toEqual(states.at(-1)!.context)
    const shorter = replay.statesOf(entriesOf(BEGUN.slice(0, 2)))
    expect([shorter.length, stageOf(shorter.at(-1)!)]).toEqual([3, 'connect'])
  })

  it('names the way here, and what may follow', () => {
    const steps = stepsOf(entries, states, entries.length)
    expect(leafOf(states.at(-1)!)).toBe('meter.flowing')
    expect(steps.map(({ to }) => to)).toEqual([
      'announce',
      'connect',
      'challenge',
      'negotiate',
      'provision.bare',
      'provision.made',
      'meter.flowing',
    ])
    const edge = (from: string, to: string) => edgesIn(graph).find((one) => one.from === from && one.to === to)!
    expect(nextOn(edge('meter', 'settle'), states.at(-1)!)).toEqual(['lease.ended'])
    expect(nextOn(edge('meter.flowing', 'meter.starved'), states.at(-1)!)).toEqual(['lease.starved'])
    expect(nextOn(edge('meter.starved', 'meter.flowing'), states.at(-1)!)).toEqual([])
    expect(isTaken(edge('provision', 'meter'), steps)).toBe(true)
    expect(isTaken(edge('provision', 'settle'), steps)).toBe(false)
  })

  it('has a clock for what ends it', () => {
    const steps = stepsOf(entries, states, entries.length)
    const [first, newest] = [entries[0]!.fact.at, entries.at(-1)!.fact.at]
    expect(deadlinesOf(states.at(-1)!, steps, first, newest)).toEqual([
      { what: 'the agreed duration is reached', at: newest + 3_600_000 - 3_000 },
      { what: 'the publisher may take the deposit back', height: 500 },
    ])
    const connecting = stepsOf(entries, states, 2)
    expect(deadlinesOf(states[2]!, connecting, first, newest)).toEqual([
      { what: 'the stage connect lapses', at: entries[1]!.fact.at + 30_000 },
    ])
  })

  it.each(['LR', 'TB'] as const)('is drawn %s with each state in a place of its own', (direction) => {
    const { places, lines, width, height } = placed(graph, direction)
    expect(lines.length).toBe(edgesIn(graph).length)
    const outer = places.filter(({ id }) => !id.includes('.'))
    for (const a of outer) {
      expect([a.x >= 0, a.y >= 0, a.x + a.width <= width, a.y + a.height <= height]).not.toContain(false)
      for (const b of outer)
        if (a !== b)
          expect(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y).toBe(
            true,
          )
    }
  })
})

describe('the log of a lease as a file', () => {
  const text = logFile(entries)
  const lines = text.trimEnd().split('\n')

  it('is read as it was written', () => expect(parseLogFile(text)).toEqual(entries))

  it('may be what the command line printed', () => {
    const printed = entries.map(({ version, fact }) =>
      plainJson({
        __typename: 'LeaseEvent',
        position: `${version}`,
        version,
        type: fact.type,
        at: 'x',
        fact,
        lease: null,
      }),
    )
    expect(parseLogFile(printed.join('\n'))).toEqual(entries)
  })

  it.each([
    ['nothing', '\n', 'it is empty'],
    ['no JSON', `${lines[0]}\nnot so`, 'line 2 is not JSON'],
    ['no object', '7', 'line 1 is no object'],
    ['a key that is not known', '{"version":1,"fact":{},"more":1}', 'unknown key "more"'],
    ['a gap', [lines[0], lines[2]].join('\n'), 'line 2: expected version 2'],
    ['a fact that is none', '{"version":1,"fact":{"type":"lease.paid","at":1}}', 'line 1: tick'],
    [
      'a fact out of its place',
      lines[1]!.replace('"version":2', '"version":1'),
      'fact 1: fact lease.matched may not follow',
    ],
    ['too much', 'x'.repeat(33 * 1_048_576), 'larger than'],
  ])('is refused whole with %s', (_, given, why) => {
    expect(() => parseLogFile(given)).toThrow(why)
  })
})
