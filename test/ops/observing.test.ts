import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createMetrics } from '../../src/api/metrics.ts'
import { startNode } from '../api/node.ts'
import { askedIn } from './expression.ts'
import { parseYaml } from './yaml.ts'

const ALERTS = 'ops/prometheus/alerts.yaml'
const CASES = 'test/ops/alert-cases.yaml'
const RUNBOOK = 'docs/runbook.md'

const Alert = z.strictObject({
  alert: z.string().regex(/^[A-Z][A-Za-z]+$/),
  expr: z.string(),
  for: z.string(),
  labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
  annotations: z.strictObject({ summary: z.string().min(10), runbook: z.string() }),
})
const alerts = z
  .object({ groups: z.tuple([z.object({ rules: z.array(Alert) })]) })
  .parse(parseYaml(readFileSync(ALERTS, 'utf8'))).groups[0].rules

const Panel = z.object({
  id: z.number(),
  title: z.string().min(1),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z.array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string() })).min(1),
})
const dashboard = z
  .object({ uid: z.literal('zennet'), panels: z.array(Panel) })
  .parse(JSON.parse(readFileSync('ops/grafana/zennet.json', 'utf8')))

const expressions = [
  ...alerts.map(({ alert, expr }) => ({ where: `alert ${alert}`, expr })),
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ where: `panel ${title}`, expr }))),
]

/** Of Prometheus itself, on every series that it reads. */
const ADDED = ['instance', 'job']
/** Labels whose values a node tells from its first scrape on. */
const CLOSED = new Set(['stage', 'state'])

describe('what is asked of metrics', () => {
  let scraped = ''
  let stop: () => Promise<void>
  beforeAll(async () => {
    const node = await startNode()
    stop = node.close
    await fetch(`${node.api.url}/graphql`, { method: 'POST', headers: { authorization: 'Bearer wrong' } })
    scraped = await (await fetch(`${node.api.url}/metrics`)).text()
  })
  afterAll(async () => await stop())

  /** Label names by series name: what the registry declares, and what a running node says. */
  const series = (): ReadonlyMap<string, ReadonlySet<string>> => {
    const found = new Map<string, Set<string>>([['up', new Set(ADDED)]])
    const add = (name: string, labels: Iterable<string>) =>
      found.set(name, new Set([...(found.get(name) ?? ADDED), ...labels]))
    for (const metric of createMetrics().registry.getMetricsAsArray()) {
      const { name, type, labelNames = [] } = metric as unknown as { name: string; type: string; labelNames?: string[] }
      if (type === 'histogram') {
        add(`${name}_bucket`, [...labelNames, 'le'])
        for (const end of ['_sum', '_count']) add(`${name}${end}`, labelNames)
      } else add(name, labelNames)
    }
    for (const [, name, labels] of scraped.matchAll(/^(\w+)(?:\{([^}]*)\})? \S+$/gm))
      add(
        name!,
        [...(labels ?? '').matchAll(/(\w+)="/g)].map(([, label]) => label!),
      )
    return found
  }
  const valuesOf = (name: string, label: string): readonly string[] =>
    [...scraped.matchAll(new RegExp(`^${name}\\{[^}]*\\b${label}="([^"]*)"`, 'gm'))].map(([, value]) => value!)

  const unknownIn = (expression: string): readonly string[] => {
    const known = series()
    const { metrics, grouped } = askedIn(expression)
    const labels = new Set(metrics.flatMap(({ name }) => [...(known.get(name) ?? [])]))
    return [
      ...(metrics.length === 0 ? ['no metric'] : []),
      ...metrics.flatMap(({ name, matchers }) => {
        if (!known.has(name)) return [name]
        return [...matchers].flatMap(([label, values]) => {
          if (!known.get(name)!.has(label)) return [`${name}{${label}}`]
          if (!CLOSED.has(label)) return []
          const told = valuesOf(name, label)
          return values.filter((value) => !told.includes(value)).map((value) => `${name}{${label}="${value}"}`)
        })
      }),
      ...grouped.filter((label) => !labels.has(label)),
    ]
  }

  it.each(expressions)('$where: a node has it', ({ expr }) => expect(unknownIn(expr)).toEqual([]))

  it('would notice a metric, a label or a value that is none', () => {
    expect(unknownIn('rate(zennet_leasez[5m]) > 0')).toEqual(['zennet_leasez'])
    expect(unknownIn('zennet_leases{phase="meter"}')).toEqual(['zennet_leases{phase}'])
    expect(unknownIn('sum by (phase) (zennet_leases{stage="meter"})')).toEqual(['phase'])
    expect(unknownIn('zennet_leases{stage=~"meter|metre"}')).toEqual(['zennet_leases{stage="metre"}'])
    expect(unknownIn('sum(rate(zennet_graphql_operation_duration_seconds[5m]))')).not.toEqual([])
    expect(unknownIn('1 > 0')).toEqual(['no metric'])
  })

  it('every metric of ours is on the dashboard', () => {
    const shown = new Set(expressions.flatMap(({ expr }) => askedIn(expr).metrics.map(({ name }) => name)))
    const own = [...series().keys()].filter((name) => name.startsWith('zennet_') && !/_(bucket|sum)$/.test(name))
    expect(own.filter((name) => !shown.has(name))).toEqual([])
  })
})

it('no panels of the dashboard lie on each other', () => {
  const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
  expect(Math.max(...dashboard.panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24)
})

describe('what to do about alerts', () => {
  const runbook = readFileSync(RUNBOOK, 'utf8')
  const [, section] = /^## Alerts\n([\s\S]*?)^## /m.exec(runbook) ?? []
  const headings = [...(section ?? '').matchAll(/^### (.+)$/gm)].map(([, title]) => title!)

  it('stands in the runbook for each, and for no other', () => {
    expect(headings).toEqual(alerts.map(({ alert }) => alert))
    for (const { alert, annotations } of alerts) expect(annotations.runbook).toBe(`${RUNBOOK}#${alert.toLowerCase()}`)
  })
  it('every alert has a case', () => {
    const tested = [...readFileSync(CASES, 'utf8').matchAll(/alertname: (\w+)/g)].map(([, name]) => name)
    expect(tested).toEqual(alerts.map(({ alert }) => alert))
  })
})

const promtool = existsSync('.cache/promtool/promtool') ? '.cache/promtool/promtool' : undefined
const hint = promtool ? '' : '(get it with test/ops/unpack-promtool.sh .cache/promtool)'
describe.skipIf(promtool === undefined && !process.env['CI'])(`promtool ${hint}`, () => {
  const check = (...args: string[]) => execFileSync(promtool ?? 'promtool', args, { encoding: 'utf8', stdio: 'pipe' })
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'zennet-promtool-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('takes the alerts and the config', () => {
    expect(check('check', 'rules', ALERTS)).toContain(`${alerts.length} rules found`)
    expect(check('check', 'config', 'ops/prometheus/prometheus.yaml')).toContain('SUCCESS')
  })
  it('sees each alert fire when it should, and not just before', () => {
    expect(check('test', 'rules', CASES)).toContain('SUCCESS')
  })
  it('takes what the dashboard asks', () => {
    const exprs = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
    const rules = exprs.map((expr, i) => ({
      record: `panel_${i}`,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.+'),
    }))
    const file = join(folder, 'panels.yaml')
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }))
    expect(check('check', 'rules', file)).toContain(`${exprs.length} rules found`)
  })
  it('would see an alert that does not fire', () => {
    const weaker = readFileSync(ALERTS, 'utf8').replace(
      'zennet_projections_stopped > 0',
      'zennet_projections_stopped > 9',
    )
    writeFileSync(join(folder, 'alerts.yaml'), weaker)
    const cases = readFileSync(CASES, 'utf8').replace(/rule_files: .*/, 'rule_files: [alerts.yaml]')
    writeFileSync(join(folder, 'cases.yaml'), cases)
    const { status, stderr } = spawnSync(promtool ?? 'promtool', ['test', 'rules', join(folder, 'cases.yaml')], {
      encoding: 'utf8',
    })
    expect(status).not.toBe(0)
    expect(stderr).toContain('ProjectionStopped')
  })
})
