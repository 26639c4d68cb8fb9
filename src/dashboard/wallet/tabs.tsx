import { path } from '../route.ts'

const TABS = {
  '/wallet': 'Balances',
  '/wallet/receive': 'Receive',
  '/wallet/send': 'Send',
  '/wallet/history': 'History',
  '/wallet/channels': 'Channels',
  '/wallet/watch': 'Watch',
  '/wallet/psbt': 'Sign together',
} as const

/** The wallet's screens, beside their titles. */
export const Tabs = () => (
  <nav class="tabs" aria-label="Wallet">
    {Object.entries(TABS).map(([to, title]) => (
      <a key={to} href={to} aria-current={path.value === to ? 'page' : undefined}>
        {title}
      </a>
    ))}
  </nav>
)
