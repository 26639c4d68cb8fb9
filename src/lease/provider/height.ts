import type { Network } from '../../../domain/chain/network.ts'
import type { ChainEngine } from '../../chain/port.ts'
import type { Clock } from '../../clock/port.ts'

/** The chain's height without waiting for its node: metering must not stand still because that one does not answer. */
export type ChainHeight = {
  /** As last heard; while the node is silent, the blocks that must have come since are added. Undefined before the first answer. */
  read(): number | undefined
}

type Party = {
  readonly engine: Pick<ChainEngine, 'tip'>
  readonly network: Pick<Network, 'spacingS'>
  readonly clock: Pick<Clock, 'steadyUs'>
}

/** Blocks are minutes apart. */
const ASK_EVERY_US = 500_000

/** One for each chain's node: a thousand leases would ask it a thousand times a second. */
const heights = new WeakMap<Party['engine'], ChainHeight>()

/** Asks in the background when it is read, at most one question at a time. */
export const watchHeight = (party: Party): ChainHeight => {
  const known = heights.get(party.engine) ?? openHeight(party)
  heights.set(party.engine, known)
  return known
}

const openHeight = ({ engine, network, clock }: Party): ChainHeight => {
  let heard: { readonly height: number; readonly atUs: number } | undefined
  let asking = false
  let askedUs = Number.NEGATIVE_INFINITY
  const ask = (): void => {
    if (asking || clock.steadyUs() - askedUs < ASK_EVERY_US) return
    asking = true
    askedUs = clock.steadyUs()
    engine
      .tip()
      .then(
        ({ height }) => {
          heard = { height, atUs: clock.steadyUs() }
        },
        () => {},
      )
      .finally(() => {
        asking = false
      })
  }
  return {
    read: () => {
      ask()
      return heard && heard.height + Math.floor((clock.steadyUs() - heard.atUs) / 1e6 / network.spacingS)
    },
  }
}
