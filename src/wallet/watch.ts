import { toHex } from '../../domain/bytes.ts'
import type { KeyAccount, KeyPath } from '../../domain/wallet/key-path.ts'
import { IDENTITY } from '../../domain/wallet/key-path.ts'
import type { KeyPathOf } from '../../domain/wallet/observe.ts'
import type { Keys } from './keys.ts'
import { KEY_GAP } from './port.ts'

const GROWING: readonly KeyAccount[] = ['receive', 'change', 'channel']

/** Finds our key by script: the identity's, and every account's up to the keystore's gap beyond the last one used. */
export const watchedScripts = (keys: Keys): KeyPathOf => {
  const paths = new Map<string, KeyPath>([[toHex(keys.identity.script), IDENTITY]])
  const watched: Record<KeyAccount, number> = { receive: 0, change: 0, channel: 0, identity: 1 }
  return (script, next) => {
    for (const account of GROWING)
      for (; watched[account] < next[account] + (keys.gap ?? KEY_GAP); watched[account]++) {
        const path = { account, index: watched[account] }
        paths.set(toHex(keys.at(path).script), path)
      }
    return paths.get(script)
  }
}
