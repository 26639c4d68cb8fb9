import type { NodeName } from './plan.ts'
import type { Written } from './truth.ts'
import type { World } from './world.ts'

/** Something that must never be was. */
export class Violation extends Error {
  readonly check: string
  readonly node: NodeName | undefined
  constructor(check: string, message: string, node?: NodeName) {
    super(message)
    this.check = check
    this.node = node
  }
}

/** Looks at a world; each part throws `Violation`. */
export type Check = {
  readonly name: string
  /** Something about a lease is on a disk. */
  atWrite?(world: World, written: Written): void
  /** A block came or went. */
  atBlock?(world: World): void
  /** Now and then. */
  atLook?(world: World): void
  /** A node wrote into its own log, for people. */
  atSaid?(world: World, node: NodeName, level: string, text: string): void
  /** Everything has had its time to end. */
  atEnd?(world: World): void | Promise<void>
}
