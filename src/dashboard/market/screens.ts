import type { Screen } from '../screen.ts'

/** What is wanted and offered, at which prices, and how to want something. */
export const MARKET_SCREENS: readonly Screen[] = [
  {
    path: '/market',
    title: 'Market',
    menu: 'Rent',
    load: async () => (await import('./market.tsx')).Market,
  },
  {
    path: '/announcement/:txid',
    title: 'Announcement',
    load: async () => (await import('./announcement.tsx')).Announcement,
  },
]
