import { decodeAddress, encodeAddress } from '../../../domain/chain/address.ts'
import type { Network } from '../../../domain/chain/network.ts'
import { Fault } from '../../../domain/fault.ts'

/** The address of an output script; undefined when it has none. */
export const addressOf = (network: Network, script: Uint8Array): string | undefined =>
  unlessBad(() => encodeAddress(network, script))

/** The output script that an address stands for; undefined when it is none of this network. */
export const scriptOf = (network: Network, address: string): Uint8Array | undefined =>
  unlessBad(() => decodeAddress(network, address))

const unlessBad = <T>(work: () => T): T | undefined => {
  try {
    return work()
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}
