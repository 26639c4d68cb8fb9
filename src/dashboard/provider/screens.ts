import type { Screen } from '../screen.ts'

/** Who lends machines, as this node has met them. */
export const PROVIDER_SCREENS: readonly Screen[] = [
  {
    path: '/providers',
    title: 'Providers',
    menu: 'Rent',
    load: async () => (await import('./providers.tsx')).Providers,
  },
  { path: '/provider/:of', title: 'Provider', load: async () => (await import('./provider.tsx')).Provider },
]
