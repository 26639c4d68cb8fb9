import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { CHECKS } from './checks/all.ts'
import { type Crowd, planIn, runCrowd, type Told } from './crowd.ts'
import { World } from './world.ts'

/** Lines of the story of a world that failed. */
const STORY_LINES = 120
/** How often it is said how far it came, seeds. */
const PROGRESS_SEEDS = 100

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '0.7' },
    leases: { type: 'string' },
    threads: { type: 'string', default: String(availableParallelism()) },
    story: { type: 'boolean', default: false },
  },
})

const print = (text: string): void => void process.stdout.write(`${text}\n`)

const sums = { seeds: 0, leases: 0, served: 0, events: 0, simulatedMs: 0, failed: 0 }
const begun = { cpu: process.cpuUsage(), atMs: performance.now() }

const progress = (): string => {
  const { user, system } = process.cpuUsage(begun.cpu)
  const [cpuS, wallS] = [(user + system) / 1e6, (performance.now() - begun.atMs) / 1e3]
  const each = (count: number) => `${(count / wallS).toFixed(1)}/s, ${(count / cpuS).toFixed(1)} a second of CPU`
  return [
    `${sums.seeds} seeds (${each(sums.seeds)})`,
    `${sums.leases} leases (${each(sums.leases)})`,
    `${sums.served} of them served (${each(sums.served)})`,
    `${sums.events} events (${each(sums.events)})`,
    `${(sums.simulatedMs / 60_000).toFixed(0)} minutes simulated in ${wallS.toFixed(1)} s, ${cpuS.toFixed(1)} s of CPU`,
    `${sums.failed} failed`,
  ].join('; ')
}

const crowd: Crowd = {
  minutes: Number(values.minutes),
  ...(values.leases === undefined ? {} : { leases: Number(values.leases) }),
}

/** The same world once more, for its story. */
const storyOf = async (seed: string, nodes: readonly string[]): Promise<string> => {
  const world = new World(planIn(crowd, seed), { checks: CHECKS })
  await world.run()
  return world.trace.story(nodes, STORY_LINES)
}

const say = async ({ seed, hash, violation }: Told): Promise<void> => {
  print(`seed ${seed}: trace ${hash}`)
  if (violation === undefined) return values.story ? print(await storyOf(seed, [])) : undefined
  const { check, node, message, smallest } = violation
  print(`seed ${seed} FAILED: ${check}${node ? ` at ${node}` : ''}`)
  print(message)
  print(await storyOf(seed, node ? [node, 'world'] : []))
  const { minutes, leases } = values
  print(`again: npm run sim -- --seed ${seed} --minutes ${minutes}${leases ? ` --leases ${leases}` : ''}`)
  print('the smallest plan that breaks the same rule:')
  print(smallest)
}

const count = Number(values.seeds)
const seeds = Array.from({ length: count }, (_, i) => (count === 1 ? values.seed : String(Number(values.seed) + i)))
const worth: Told[] = []
await runCrowd(crowd, seeds, Math.min(Number(values.threads), Math.ceil(count / 8)), (told) => {
  sums.seeds += 1
  sums.leases += told.leases
  sums.served += told.served
  sums.events += told.events
  sums.simulatedMs += told.simulatedMs
  if (told.violation) sums.failed += 1
  if (count === 1 || told.violation) worth.push(told)
  if (sums.seeds % PROGRESS_SEEDS === 0) print(progress())
})
print(progress())
for (const told of worth) await say(told)
if (sums.failed > 0) process.exitCode = 1
