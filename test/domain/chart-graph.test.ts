import { describe, expect, it } from 'vitest'
import { acceptedFacts } from '../../domain/accepts.ts'
import { chartGraph, type Level } from '../../domain/chart-graph.ts'
import { leaseChart } from '../../domain/lease/chart.ts'
import { STAGES, TERMINALS } from '../../domain/lease/stage.ts'

const graph = chartGraph(leaseChart)
const boxesOf = ({ boxes }: Level): readonly string[] =>
  boxes.flatMap(({ id, inner }) => [id, ...(inner ? boxesOf(inner) : [])])
const edgesOf = ({ boxes, edges }: Level): Level['edges'] => [
  ...edges,
  ...boxes.flatMap(({ inner }) => (inner ? edgesOf(inner) : [])),
]
const between = (from: string, to: string) =>
  edgesOf(graph)
    .find((edge) => edge.from === from && edge.to === to)
    ?.ways.map(({ fact }) => fact)

describe('a chart as boxes and edges', () => {
  it('has every state', () => {
    expect(graph.boxes.map(({ id }) => id)).toEqual(['unknown', ...STAGES, ...TERMINALS])
    expect(boxesOf(graph)).toEqual(expect.arrayContaining(['provision.made', 'meter.flowing', 'meter.starved']))
  })

  it('has an edge for every fact that leads elsewhere, from the state that takes it', () => {
    expect(between('announce', 'connect')).toEqual(['lease.matched'])
    expect(between('meter.starved', 'meter.flowing')).toEqual(['lease.paid'])
    expect(between('provision.bare', 'provision.made')).toEqual(['lease.provisioned'])
    expect(between('provision', 'meter')?.sort()).toEqual(['lease.funded', 'lease.provisioned'])
    expect(between('meter', 'settle')).toEqual(['lease.ended'])
    expect(between('meter', 'meter')).toBeUndefined()
  })

  it('says nothing that the chart would refuse', () => {
    for (const { ways } of edgesOf(graph))
      for (const { fact, from } of ways) {
        const value = from
          .split('.')
          .reduceRight<unknown>((inner, key) => (inner === undefined ? key : { [key]: inner }), undefined)
        const state = leaseChart.resolveState({ value: value as never, context: {} as never })
        expect([from, acceptedFacts(state)]).toEqual([from, expect.arrayContaining([fact])])
      }
  })
})
