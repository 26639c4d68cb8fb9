import type { Screen } from '../screen.ts'

/** What a person must know. */
export const NOTIFICATION_SCREENS: readonly Screen[] = [
  {
    path: '/notifications',
    title: 'Notifications',
    load: async () => (await import('./notifications.tsx')).Notifications,
  },
]
