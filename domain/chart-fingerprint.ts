import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { type AnyStateMachine, type AnyStateNode, initialTransition } from 'xstate'
import { assignOf } from './chart-step.ts'
import { encode } from './codec.ts'

/** SHA-256 of the codec's form of a value, hex: the name of a set of rules. */
export const fingerprintOf = (rules: unknown): string => bytesToHex(sha256(utf8ToBytes(encode(rules))))

/** White space says nothing: where Node strips a type, it leaves some. */
export const sourceOf = (rule: unknown): unknown =>
  typeof rule === 'function' ? String(rule).replace(/\s+/g, '') : (rule ?? null)

/**
 * Hash of all of a chart that says what facts add up to: its states, what each fact leads to, the sources of its assignments, and
 * the context that it begins with. What an assignment calls by name is not in it: `foldVersion` stands for that, and is raised when
 * such a function changes.
 */
export const chartFingerprint = (chart: AnyStateMachine, foldVersion: number): string => {
  const assignmentOf = (action: unknown): unknown => {
    const assignment = assignOf(chart, action)?.assignment
    return typeof assignment === 'function' || assignment === undefined
      ? sourceOf(assignment)
      : Object.fromEntries(Object.entries(assignment).map(([key, value]) => [key, sourceOf(value)]))
  }
  const nodeOf = (node: AnyStateNode): unknown => ({
    type: node.type,
    initial: node.initial?.target?.map(({ id }) => id),
    on: [...node.transitions].map(([event, transitions]) => [
      event,
      transitions.map(({ target, actions, reenter }) => ({
        target: target?.map(({ id }) => id),
        reenter,
        actions: actions.map(assignmentOf),
      })),
    ]),
    states: Object.entries(node.states).map(([key, child]) => [key, nodeOf(child)]),
  })
  const [{ value, context }] = initialTransition(chart)
  return fingerprintOf({ foldVersion, value, context, root: nodeOf(chart.root) })
}
