import type { Screen } from '../screen.ts'

/** Leases of this node, from either side, and what can be known of them. */
export const LEASE_SCREENS: readonly Screen[] = [
  {
    path: '/leases',
    title: 'Leases',
    menu: 'Rent',
    load: async () => (await import('./leases.tsx')).Leases,
  },
  {
    path: '/lease/:leaseId',
    title: 'Lease',
    load: async () => (await import('./lease.tsx')).Lease,
  },
  {
    path: '/lease/:leaseId/log',
    title: 'Log of a lease',
    load: async () => (await import('./log/log.tsx')).Log,
  },
  {
    path: '/lease/:leaseId/terminal',
    title: 'Terminal',
    load: async () => (await import('./terminal/terminal.tsx')).TerminalScreen,
  },
  {
    path: '/lease/:leaseId/payments',
    title: 'Payments of a lease',
    load: async () => (await import('./money/payments.tsx')).Payments,
  },
  {
    path: '/receipt',
    title: 'Verify a receipt',
    menu: 'Money',
    load: async () => (await import('./receipt/receipt-screen.tsx')).ReceiptScreen,
  },
  {
    path: '/replay',
    title: 'A log from a file',
    load: async () => (await import('./log/replay-screen.tsx')).ReplayScreen,
  },
]
