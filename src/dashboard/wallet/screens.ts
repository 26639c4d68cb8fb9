import type { Screen } from '../screen.ts'

/** The node's coins: what there is, how it comes and goes, and what is locked in channels. */
export const WALLET_SCREENS: readonly Screen[] = [
  {
    path: '/wallet',
    title: 'Wallet',
    menu: 'Money',
    load: async () => (await import('./wallet.tsx')).Wallet,
  },
  {
    path: '/wallet/receive',
    title: 'Receive',
    load: async () => (await import('./receive.tsx')).Receive,
  },
  {
    path: '/wallet/send',
    title: 'Send',
    load: async () => (await import('./send.tsx')).Send,
  },
  {
    path: '/wallet/history',
    title: 'Wallet history',
    load: async () => (await import('./history.tsx')).History,
  },
  {
    path: '/wallet/channels',
    title: 'Channels',
    load: async () => (await import('./channels.tsx')).Channels,
  },
  {
    path: '/wallet/watch',
    title: 'Watch',
    load: async () => (await import('./watch.tsx')).Watch,
  },
  {
    path: '/wallet/psbt',
    title: 'Sign together',
    load: async () => (await import('./psbt.tsx')).Psbt,
  },
]
