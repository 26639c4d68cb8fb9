import { HDKey } from '@scure/bip32'
import { toHex } from '../../domain/bytes.ts'
import { hash160 } from '../../domain/chain/hash.ts'
import type { Network } from '../../domain/chain/network.ts'
import { p2wpkh } from '../../domain/chain/script.ts'
import { extendedKeyVersions } from '../../domain/wallet/extended-key.ts'
import type { KeyAccount, KeyPath } from '../../domain/wallet/key-path.ts'
import type { KeyOrigin } from '../../domain/wallet/psbt-roles.ts'

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
  /** Keys to watch beyond the last one used, where the keystore says so. */
  readonly gap?: number
  /** Where a key comes from, for signers and watchers elsewhere (BIP 174, BIP 380). */
  origin(path: KeyPath): KeyOrigin
  /** What finds every address of an account and signs nothing: `[fingerprint/path]xpub/branch/*`, without a script around it. */
  watchKey(account: KeyAccount): string
}

const HARDENED = 0x80000000

/** BIP 84 purpose. The first account spends as any BIP 84 wallet does; identity and channels are accounts of their own beside it. */
const branches = (coinType: number): Record<KeyAccount, string> => ({
  receive: `m/84'/${coinType}'/0'/0`,
  change: `m/84'/${coinType}'/0'/1`,
  identity: `m/84'/${coinType}'/1'/0`,
  channel: `m/84'/${coinType}'/2'/0`,
})

/** @param seed 64 bytes (BIP 39) */
export const deriveKeys = (seed: Uint8Array, network: Pick<Network, 'coinType'>, gap?: number): Keys => {
  const master = HDKey.fromMasterSeed(seed, extendedKeyVersions(network))
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
    ...(gap === undefined ? {} : { gap }),
    identity: accounts.identity(0),
    receive: accounts.receive,
    change: accounts.change,
    channel: accounts.channel,
    at: ({ account, index }) => accounts[account](index),
    origin: ({ account, index }) => ({
      publicKey: accounts[account](index).publicKey,
      fingerprint: fingerprintOf(master),
      path: [...stepsOf(paths[account]), index],
    }),
    watchKey: (account) => {
      const [branch, ...above] = paths[account].split('/').reverse() as [string, ...string[]]
      const parent = above.reverse().join('/')
      const from = `${toHex(fingerprintOf(master))}${parent.slice('m'.length).replaceAll("'", 'h')}`
      return `[${from}]${master.derive(parent).publicExtendedKey}/${branch}/*`
    },
  }
}

const stepsOf = (path: string): number[] =>
  path
    .split('/')
    .slice(1)
    .map((step) => Number.parseInt(step, 10) + (step.endsWith("'") ? HARDENED : 0))

const fingerprintOf = ({ fingerprint }: HDKey): Uint8Array => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, fingerprint)
  return bytes
}

const keyOf = ({ privateKey, publicKey }: HDKey): Key => {
  if (privateKey === null || publicKey === null) throw new Error('a key derived from a seed has both halves')
  return { secret: privateKey, publicKey, script: p2wpkh(hash160(publicKey)) }
}
