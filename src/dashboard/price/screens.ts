import type { Screen } from '../screen.ts'

/** What machines cost, cost before, and how long it took to get one. */
export const PRICE_SCREENS: readonly Screen[] = [
  {
    path: '/prices',
    title: 'Prices',
    menu: 'Rent',
    load: async () => (await import('./prices.tsx')).Prices,
  },
]
