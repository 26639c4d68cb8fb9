import { HDKey } from '@scure/bip32'
import { hash160 } from '../../domain/chain/hash.ts'
import type { Network } from '../../domain/chain/network.ts'
import { p2wpkh } from '../../domain/chain/script.ts'
import type { KeyAccount, KeyPath } from '../../domain/wallet/key-path.ts'

/** `publicKey` is compressed, 33 bytes; `script` pays to it (P2WPKH). */
export type Key = { readonly secret: Uint8Array; readonly publicKey: Uint8Array; readonly script: Uint8Array }

/** All keys of one seed on one network. Indexes are below 2^31; the same index gives the same object. */
export interface Keys {
  /** The node's one chain identity: the author of its announcements, and who it is in a challenge. */
  readonly identity: Key
  receive(index: number): Key
  change(index: number): Key
  /** One for each lease. */
  channel(index: number): Key
  at(path: KeyPath): Key
}

/** BIP 84 purpose. The first account spends as any BIP 84 wallet does; identity and channels are accounts of their own beside it. */
const branches = (coinType: number): Record<KeyAccount, string> => ({
  receive: `m/84'/${coinType}'/0'/0`,
  change: `m/84'/${coinType}'/0'/1`,
  identity: `m/84'/${coinType}'/1'/0`,
  channel: `m/84'/${coinType}'/2'/0`,
})

/** @param seed 64 bytes (BIP 39) */
export const deriveKeys = (seed: Uint8Array, network: Pick<Network, 'coinType'>): Keys => {
  const master = HDKey.fromMasterSeed(seed)
  const paths = branches(network.coinType)
  const keysOf = (account: KeyAccount): ((index: number) => Key) => {
    const branch = master.derive(paths[account])
    const known = new Map<number, Key>()
    return (index) => {
      const key = known.get(index) ?? keyOf(branch.deriveChild(index))
      known.set(index, key)
      return key
    }
  }
  const accounts = {
    receive: keysOf('receive'),
    change: keysOf('change'),
    identity: keysOf('identity'),
    channel: keysOf('channel'),
  }
  return {
    identity: accounts.identity(0),
    receive: accounts.receive,
    change: accounts.change,
    channel: accounts.channel,
    at: ({ account, index }) => accounts[account](index),
  }
}

const keyOf = ({ privateKey, publicKey }: HDKey): Key => {
  if (privateKey === null || publicKey === null) throw new Error('a key derived from a seed has both halves')
  return { secret: privateKey, publicKey, script: p2wpkh(hash160(publicKey)) }
}
