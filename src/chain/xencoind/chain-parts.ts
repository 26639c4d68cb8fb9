import type { Curve } from '../../../domain/chain/curve.ts'
import type { Network } from '../../../domain/chain/network.ts'
import type { Clock } from '../../clock/port.ts'
import type { ScriptCache } from './script-cache.ts'
import type { Store } from './store.ts'

/** What the rules of the chain need to be applied. */
export type ChainParts = {
  readonly store: Store
  readonly network: Network
  readonly curve: Curve
  readonly clock: Clock
  readonly scripts: ScriptCache
}
