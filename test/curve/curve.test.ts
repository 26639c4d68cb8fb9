import { expect, it } from 'vitest'
import { chooseCurve } from '../../src/curve/choose.ts'
import { hasNative, nativeCurve } from '../../src/curve/native.ts'
import { nobleCurve } from '../../src/curve/noble.ts'
import { wasmCurve } from '../../src/curve/wasm.ts'
import { curveContract } from '../contracts/curve.ts'

curveContract('noble', nobleCurve, nobleCurve)
curveContract('native', nativeCurve, nobleCurve)
curveContract('wasm', wasmCurve, nobleCurve)

it('chooses the native engine where it loads, and names what runs', () => {
  expect(chooseCurve().engine.startsWith('libsecp256k1 (native)')).toBe(hasNative)
})
