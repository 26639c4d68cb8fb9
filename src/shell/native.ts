import { createRequire } from 'node:module'

/** Path inside ssh2 1.17 of the addon that its install script builds. */
const ADDON = 'ssh2/lib/protocol/crypto/build/Release/sshcrypto.node'

/** `missing`: never built. `other-node`: built under another major of Node (each has its own module ABI). */
export type NativeCrypto =
  | { readonly loaded: true }
  | { readonly loaded: false; readonly why: 'missing' | 'other-node' }

/**
 * Whether ssh2 encrypts with its native addon. It falls back to JavaScript without a word, at about 60 % of the throughput
 * (measured). What makes it load: `node_modules/.bin/node "$(dirname "$(realpath "$(command -v npm)")")/npm-cli.js" rebuild ssh2`,
 * so that it is built by the same Node that runs the node.
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
