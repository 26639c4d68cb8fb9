import type { Screen } from '../screen.ts'

/** How the node is, and how programs talk to it. */
export const NETWORK_SCREENS: readonly Screen[] = [
  {
    path: '/health',
    title: 'Health',
    menu: 'Network',
    load: async () => (await import('./health.tsx')).Health,
  },
  {
    path: '/api',
    title: 'API',
    menu: 'Network',
    load: async () => (await import('./api.tsx')).Api,
  },
]
