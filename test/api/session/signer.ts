import { toHex } from '../../../domain/bytes.ts'
import type { Signer } from '../../../src/api/session-client.ts'
import type { Clock } from '../../../src/clock/port.ts'
import { systemClock } from '../../../src/clock/system.ts'
import { nativeCurve } from '../../../src/curve/native.ts'
import { systemRandom } from '../../../src/random/system.ts'

export type Person = Signer & { readonly key: string }

/** Somebody with a chain key of its own. */
export const person = (clock: Clock = systemClock): Person => {
  const secret = systemRandom.bytes(32)
  const publicKey = nativeCurve.publicKey(secret)
  return { identity: { secret, publicKey }, key: toHex(publicKey), curve: nativeCurve, random: systemRandom, clock }
}

/** The system's clock, some time ahead: moved by hand. */
export const movedClock = (): Clock & { aheadMs: number } => ({
  ...systemClock,
  aheadMs: 0,
  now() {
    return systemClock.now() + this.aheadMs
  },
})
