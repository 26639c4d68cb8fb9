import { parentPort } from 'node:worker_threads'
import { checkScripts } from '../../domain/chain/connect.ts'
import { CONSENSUS_RULES } from '../../domain/chain/script-rules.ts'
import { chooseCurve } from './choose.ts'
import { type ScriptAnswer, type ScriptTurn, unpackJobs } from './script-turn.ts'

// The thread of `script-threads.ts`: told jobs, it answers for each whether its scripts keep the law.

const curve = chooseCurve()

parentPort?.on('message', ({ from, jobs: packed }: ScriptTurn) => {
  const jobs = unpackJobs(packed)
  const failed = jobs.flatMap(({ tx, spent }, i) => {
    const error = checkScripts(tx, spent, curve, CONSENSUS_RULES)
    return error === undefined ? [] : [[from + i, error] as const]
  })
  parentPort?.postMessage({ count: jobs.length, failed } satisfies ScriptAnswer)
})
