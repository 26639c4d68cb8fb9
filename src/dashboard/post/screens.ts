import type { Screen } from '../screen.ts'

/** How to want a machine, and how to get the first. */
export const POST_SCREENS: readonly Screen[] = [
  {
    path: '/post',
    title: 'Announce',
    menu: 'Rent',
    load: async () => (await import('./post.tsx')).Post,
  },
]
