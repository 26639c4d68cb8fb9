import { concat } from '../bytes.ts'
import type { Curve } from './curve.ts'
import { taggedHash } from './hash.ts'
import { Writer } from './writer.ts'

/** BIP 341: the first byte of a witness item that is an annex, last of at least two. */
export const ANNEX_TAG = 0x50
/** BIP 342: leaf version of scripts that are run; all others succeed until they get a meaning. */
export const TAPSCRIPT_VERSION = 0xc0
const LEAF_VERSION_MASK = 0xfe
/** BIP 341: leaf version with the parity, internal key. */
const CONTROL_BASE_BYTES = 33
const CONTROL_NODE_BYTES = 32
const MAX_CONTROL_NODES = 128

/** BIP 341: what a leaf of the script tree is. */
export const tapLeafHash = (leafVersion: number, script: Uint8Array): Uint8Array =>
  taggedHash('TapLeaf', Uint8Array.of(leafVersion), new Writer(script.length + 5).sized(script).done())

const tapBranchHash = (a: Uint8Array, b: Uint8Array): Uint8Array =>
  isBefore(a, b) ? taggedHash('TapBranch', a, b) : taggedHash('TapBranch', b, a)

const isBefore = (a: Uint8Array, b: Uint8Array): boolean => {
  const at = a.findIndex((byte, i) => byte !== b[i])
  return at >= 0 && (a[at] as number) < (b[at] as number)
}

/** Whether a control block has a length that one can have: 33 bytes and up to 128 nodes of 32. */
export const isControlSize = (size: number): boolean =>
  size >= CONTROL_BASE_BYTES &&
  size <= CONTROL_BASE_BYTES + MAX_CONTROL_NODES * CONTROL_NODE_BYTES &&
  (size - CONTROL_BASE_BYTES) % CONTROL_NODE_BYTES === 0

export const leafVersionOf = (control: Uint8Array): number => (control[0] as number) & LEAF_VERSION_MASK

/**
 * Whether the output key commits to the leaf by way of the control block (BIP 341).
 *
 * @param program the output's x-only key
 * @param control of a length that `isControlSize` accepts
 */
export const isCommitted = (program: Uint8Array, control: Uint8Array, leafHash: Uint8Array, curve: Curve): boolean => {
  const internal = control.subarray(1, CONTROL_BASE_BYTES)
  let node = leafHash
  for (let at = CONTROL_BASE_BYTES; at < control.length; at += CONTROL_NODE_BYTES) {
    node = tapBranchHash(node, control.subarray(at, at + CONTROL_NODE_BYTES))
  }
  const tweak = taggedHash('TapTweak', concat(internal, node))
  return curve.isTweaked(program, ((control[0] as number) & 1) === 1, internal, tweak)
}
