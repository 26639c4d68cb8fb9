import { parentPort } from 'node:worker_threads'
import type { BlockHeader } from '../../../domain/chain/block.ts'
import { findNonce } from '../../../domain/chain/find-nonce.ts'
import { openSimdScan } from './simd-scan.ts'

// The thread of `find-work.ts`: told a header and how many nonces to try, it answers the header with work, or undefined.

const scan = openSimdScan()

parentPort?.on('message', ({ header, tries }: { header: BlockHeader; tries: number }) => {
  parentPort?.postMessage(findNonce(header, tries, scan))
})
