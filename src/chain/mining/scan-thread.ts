import { parentPort, workerData } from 'node:worker_threads'
import type { BlockHeader } from '../../../domain/chain/block.ts'
import { findNonce } from '../../../domain/chain/find-nonce.ts'
import { takeLowestPriority } from './lowest-priority.ts'
import { openSimdScan } from './simd-scan.ts'

/** `wanted[0]` is the number of the job that is still wanted; shared with the thread that tells. */
export type MiningThreadData = { readonly wanted: Int32Array<SharedArrayBuffer> }
/** Try so many nonces from the header's on, while the job is wanted. */
export type MiningOrder = { readonly job: number; readonly header: BlockHeader; readonly tries: number }

/** Nonces between two looks at whether the work is still wanted: some ten milliseconds. */
const NONCES_A_LOOK = 50_000

// The thread of `find-work.ts`: answers each order with the header with work, or undefined.

takeLowestPriority()
const { wanted } = workerData as MiningThreadData
const scan = openSimdScan()

const look = ({ job, header, tries }: MiningOrder): BlockHeader | undefined => {
  for (let done = 0; done < tries && Atomics.load(wanted, 0) === job; done += NONCES_A_LOOK) {
    const nonce = header.nonce + done
    const found = findNonce({ ...header, nonce }, Math.min(NONCES_A_LOOK, tries - done), scan)
    if (found !== undefined) return found
  }
  return undefined
}

parentPort?.on('message', (order: MiningOrder) => parentPort?.postMessage(look(order)))
