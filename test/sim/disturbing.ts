import type { Twist } from './network.ts'
import type { ANYBODYS } from './plan.ts'

type Said = { count: number; held: Uint8Array | undefined }

/** One in so many messages is garbled. */
const GARBLED_EACH = 3

/** Sends what its honest code says twice, each second message before the first, or with one digit changed. @param after messages of a connection that are as they should be */
export const disturbing = (kind: (typeof ANYBODYS)[number], after: number): Twist => {
  const connections = new WeakMap<object, Said>()
  return (frame, connection) => {
    const said = connections.get(connection) ?? { count: 0, held: undefined }
    connections.set(connection, said)
    said.count += 1
    const late = said.count - after
    if (late <= 0) return [frame]
    switch (kind) {
      case 'repeats':
        return [frame, frame]
      case 'swaps': {
        const { held } = said
        said.held = held === undefined ? frame : undefined
        return held === undefined ? [] : [frame, held]
      }
      case 'garbles':
        return [late % GARBLED_EACH === 0 ? garbled(frame, said.count) : frame]
    }
  }
}

/** Another digit somewhere: what it says is another number, hash, key or signature, or the version of the protocol. */
const garbled = (frame: Uint8Array, count: number): Uint8Array => {
  const digits = [...frame.keys()].filter((at) => frame[at]! >= 0x30 && frame[at]! <= 0x39)
  const at = digits[(count * 31) % Math.max(1, digits.length)]
  return frame.map((byte, i) => (i === at ? 0x30 + ((byte - 0x30 + 1) % 10) : byte))
}
