import { fromHex } from '../../domain/bytes.ts'
import { type Network, networkNamed, signedNetwork } from '../../domain/chain/network.ts'
import type { Config } from '../config.ts'

/** The chain that a node is on: one of those that have a name, or a closed one like it whose blocks are signed (BIP 325). */
export const networkOf = ({ network, challenge }: Pick<Config, 'network' | 'challenge'>): Network => {
  const named = networkNamed(network)
  return challenge === undefined ? named : signedNetwork(named, fromHex(challenge))
}
