import { randomBytes } from 'node:crypto'
import type { Random } from './port.ts'

/** The operating system's generator. */
export const systemRandom: Random = { bytes: (count) => new Uint8Array(randomBytes(count)) }
