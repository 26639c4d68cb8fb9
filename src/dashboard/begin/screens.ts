import type { Screen } from '../screen.ts'

/** Where somebody comes who has just begun. */
export const BEGIN_SCREENS: readonly Screen[] = [
  { path: '/', title: 'Zennet', load: async () => (await import('./home.tsx')).Home },
  { path: '/begin', title: 'First steps', load: async () => (await import('./begin.tsx')).Begin },
]
