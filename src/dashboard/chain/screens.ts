import type { Screen } from '../screen.ts'

/** What the chain has, block by block, and what of it is the market's. */
export const CHAIN_SCREENS: readonly Screen[] = [
  {
    path: '/chain',
    title: 'Chain',
    menu: 'Network',
    load: async () => (await import('./chain.tsx')).Chain,
  },
  {
    path: '/block/:hash',
    title: 'Block',
    load: async () => (await import('./block.tsx')).Block,
  },
  {
    path: '/transaction/:txid',
    title: 'Transaction',
    load: async () => (await import('./transaction.tsx')).Transaction,
  },
  {
    path: '/address/:address',
    title: 'Address',
    load: async () => (await import('./address.tsx')).Address,
  },
]
