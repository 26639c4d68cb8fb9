import type { Screen } from '../screen.ts'

/** The provider's own view. */
export const LENDING_SCREENS: readonly Screen[] = [
  { path: '/lending', title: 'Lending', menu: 'Lend', load: async () => (await import('./lending.tsx')).Lending },
]
