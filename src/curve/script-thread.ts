import { parentPort } from 'node:worker_threads'
import { decodeTransaction } from '../../domain/chain/codec.ts'
import { checkScripts } from '../../domain/chain/connect.ts'
import type { ScriptError } from '../../domain/chain/script-error.ts'
import { CONSENSUS_RULES } from '../../domain/chain/script-rules.ts'
import { chooseCurve } from './choose.ts'
import type { ScriptJob } from './port.ts'

/** Jobs, and where among all jobs they begin. */
export type ScriptTurn = { readonly from: number; readonly jobs: readonly ScriptJob[] }
export type ScriptAnswer = { readonly from: number; readonly errors: readonly (ScriptError | undefined)[] }

// The thread of `script-threads.ts`: told jobs, it answers for each whether its scripts keep the law.

const curve = chooseCurve()

parentPort?.on('message', ({ from, jobs }: ScriptTurn) => {
  const errors = jobs.map(({ bytes, spent }) => checkScripts(decodeTransaction(bytes), spent, curve, CONSENSUS_RULES))
  parentPort?.postMessage({ from, errors } satisfies ScriptAnswer)
})
