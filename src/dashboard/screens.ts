import { BEGIN_SCREENS } from './begin/screens.ts'
import { CHAIN_SCREENS } from './chain/screens.ts'
import { LEASE_SCREENS } from './lease/screens.ts'
import { LENDING_SCREENS } from './lending/screens.ts'
import { MARKET_SCREENS } from './market/screens.ts'
import { NETWORK_SCREENS } from './network/screens.ts'
import { NOTIFICATION_SCREENS } from './notification/screens.ts'
import { partsOf } from './path-parts.ts'
import { POST_SCREENS } from './post/screens.ts'
import { PRICE_SCREENS } from './price/screens.ts'
import { PROVIDER_SCREENS } from './provider/screens.ts'
import type { Screen } from './screen.ts'
import { WALLET_SCREENS } from './wallet/screens.ts'

/** Every screen, in the order of the menu. The first is shown at `/`. */
export const SCREENS: readonly Screen[] = [
  ...MARKET_SCREENS,
  ...POST_SCREENS,
  ...LEASE_SCREENS,
  ...PRICE_SCREENS,
  ...PROVIDER_SCREENS,
  ...LENDING_SCREENS,
  ...WALLET_SCREENS,
  ...CHAIN_SCREENS,
  ...NETWORK_SCREENS,
  ...NOTIFICATION_SCREENS,
  ...BEGIN_SCREENS,
]

/** The screen that an address names, and what its path says; undefined: there is none. */
export const screenAt = (
  path: string,
): { readonly screen: Screen; readonly given: Readonly<Record<string, string>> } | undefined => {
  for (const screen of SCREENS) {
    const given = partsOf(screen.path, path)
    if (given !== undefined) return { screen, given }
  }
  return undefined
}
