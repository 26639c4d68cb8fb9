import type { Network } from '../../../domain/chain/network.ts'
import type { ChainEngine } from '../../chain/port.ts'
import type { Clock } from '../../clock/port.ts'

/** The chain's height without waiting for its node: metering must not stand still because that one does not answer. */
export type ChainHeight = {
  /** As last heard; while the node is silent, the blocks that must have come since are added. Undefined before the first answer. */
  read(): number | undefined
}

/** Asks in the background, at most one question at a time, each time it is read. */
export const watchHeight = (party: {
  readonly engine: Pick<ChainEngine, 'tip'>
  readonly network: Pick<Network, 'spacingS'>
  readonly clock: Pick<Clock, 'steadyUs'>
}): ChainHeight => {
  const { engine, network, clock } = party
  let heard: { readonly height: number; readonly atUs: number } | undefined
  let asking = false
  const ask = (): void => {
    if (asking) return
    asking = true
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
