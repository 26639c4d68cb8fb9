import { type Midstate, scanNonces } from '../../../domain/chain/midstate.ts'
import { STATE_AT, simdModule, TAIL_AT } from './simd-module.ts'

/** What `scanNonces` does, with another engine. */
export type ScanNonces = typeof scanNonces

type Exports = { memory: { buffer: ArrayBuffer }; scan(from: number, fours: number, most: number): bigint }

// The types of WebAssembly belong to browsers; this is all that is used.
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { exports: unknown }
}

/** Four headers at a time in WebAssembly; undefined where this machine's Node has no SIMD. */
export const openSimdScan = (): ScanNonces | undefined => {
  const bytes = simdModule()
  if (!WebAssembly.validate(bytes)) return undefined
  const { memory, scan } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Exports
  const words = new Int32Array(memory.buffer)
  return ({ state, tail }: Midstate, most, from, tries) => {
    words.set(state, STATE_AT / 4)
    words.set(tail, TAIL_AT / 4)
    const end = Math.min(from + tries, 0x1_0000_0000)
    const rest = (end - from) % 4
    const fours = (end - from - rest) / 4
    const found = fours > 0 ? scan(from, fours, most) : -1n
    if (found >= 0n) return Number(found)
    return rest === 0 ? undefined : scanNonces({ state, tail }, most, end - rest, rest)
  }
}
