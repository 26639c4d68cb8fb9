import { decodeAddress } from '../../../domain/chain/address.ts'
import type { Network } from '../../../domain/chain/network.ts'
import { Fault } from '../../../domain/fault.ts'

/** The output script that an address stands for; undefined when it is none of this network. */
export const scriptOf = (network: Network, address: string): Uint8Array | undefined => {
  try {
    return decodeAddress(network, address)
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}
