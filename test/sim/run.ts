import { parseArgs } from 'node:util'
import { CHECKS } from './checks/all.ts'
import { type Plan, planOf } from './plan.ts'
import { planText, shrunk } from './shrink.ts'
import { type Outcome, World } from './world.ts'

/** Lines of the story of a world that failed. */
const STORY_LINES = 120
/** How often it is said how far it came, seeds. */
const PROGRESS_SEEDS = 50

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '0.7' },
    leases: { type: 'string' },
    story: { type: 'boolean', default: false },
  },
})

const print = (text: string): void => void process.stdout.write(`${text}\n`)

const sums = { seeds: 0, leases: 0, served: 0, events: 0, simulatedMs: 0, failed: 0 }
const begun = { cpu: process.cpuUsage(), atMs: performance.now() }

const progress = (): string => {
  const { user, system } = process.cpuUsage(begun.cpu)
  const [cpuS, wallS] = [(user + system) / 1e6, (performance.now() - begun.atMs) / 1e3]
  const each = (count: number) => `${(count / cpuS).toFixed(1)}/s`
  return [
    `${sums.seeds} seeds (${each(sums.seeds)})`,
    `${sums.leases} leases (${each(sums.leases)}), ${sums.served} of them served`,
    `${sums.events} events (${each(sums.events)})`,
    `${(sums.simulatedMs / 60_000).toFixed(0)} minutes simulated in ${wallS.toFixed(1)} s, ${cpuS.toFixed(1)} s of CPU`,
    `${sums.failed} failed`,
  ].join('; ')
}

const tell = async (plan: Plan, world: World, { violation, hash }: Outcome): Promise<void> => {
  print(`seed ${plan.seed}: trace ${hash}`)
  if (violation === undefined) return values.story ? print(world.trace.story([], STORY_LINES)) : undefined
  print(`seed ${plan.seed} FAILED: ${violation.check}${violation.node ? ` at ${violation.node}` : ''}`)
  print(violation.message)
  print(world.trace.story(violation.node ? [violation.node, 'world'] : [], STORY_LINES))
  print(
    `again: npm run sim -- --seed ${plan.seed} --minutes ${plan.minutes}${values.leases ? ` --leases ${values.leases}` : ''}`,
  )
  print('the smallest plan that breaks the same rule:')
  print(planText(await shrunk(plan, violation)))
}

const count = Number(values.seeds)
for (let i = 0; i < count; i++) {
  const seed = count === 1 ? values.seed : String(Number(values.seed) + i)
  const plan = planOf({
    seed,
    minutes: Number(values.minutes),
    ...(values.leases === undefined ? {} : { leases: Number(values.leases) }),
  })
  const world = new World(plan, { checks: CHECKS })
  const outcome = await world.run()
  sums.seeds += 1
  sums.leases += outcome.leases
  sums.served += outcome.served
  sums.events += outcome.events
  sums.simulatedMs += outcome.simulatedMs
  if (outcome.violation) sums.failed += 1
  if (count === 1 || outcome.violation) await tell(plan, world, outcome)
  if (sums.seeds % PROGRESS_SEEDS === 0) print(progress())
}
print(progress())
if (sums.failed > 0) process.exitCode = 1
