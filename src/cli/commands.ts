import type { CommandUnknownOpts } from '@commander-js/extra-typings'

type Loader = { readonly about: string; readonly load: () => Promise<CommandUnknownOpts> }

/** Only the command that is asked for is loaded: `zennet --help` and a listing need not read the whole node. */
export const COMMANDS: Readonly<Record<string, Loader>> = {
  start: {
    about: 'run a whole market on this machine, and see a lease happen',
    load: async () => (await import('./start.ts')).startCommand(),
  },
  provide: {
    about: 'lend this machine out and earn',
    load: async () => (await import('./provide/command.ts')).provideCommand(),
  },
  rent: {
    about: 'rent machines and be in a shell; leaving it settles',
    load: async () => (await import('./rent/command.ts')).rentCommand(),
  },
  lease: {
    about: 'leases: ls, show, watch, ssh, logs, stop, receipt, replay, top-up, renew, change',
    load: async () => (await import('./lease/command.ts')).leaseCommand(),
  },
  post: {
    about: 'announcements of your own: create, validate, explain, ls, cancel',
    load: async () => (await import('./post/command.ts')).postCommand(),
  },
  receipt: {
    about: 'receipts as files: verify, without a node',
    load: async () => (await import('./receipt/command.ts')).receiptCommand(),
  },
  budget: {
    about: 'what leases cost today, and may',
    load: async () => (await import('./budget.ts')).budgetCommand(),
  },
  wallet: {
    about: 'coins: new, restore, balance, receive, send, history, backup',
    load: async () => (await import('./wallet/command.ts')).walletCommand(),
  },
  chain: {
    about: 'blocks, transactions, addresses: tip, blocks, block, tx, address, mempool, fees',
    load: async () => (await import('./chain/command.ts')).chainCommand(),
  },
  market: {
    about: 'what is wanted and what it costs: ls, watch, stats, depth',
    load: async () => (await import('./market.ts')).marketCommand(),
  },
  context: {
    about: 'nodes by name: ls, use, add, rm',
    load: async () => (await import('./context/command.ts')).contextCommand(),
  },
  dashboard: {
    about: 'open the node’s page in a browser',
    load: async () => (await import('./dashboard.ts')).dashboardCommand(),
  },
  completion: {
    about: 'a script that completes commands, options and ids: bash, zsh, fish',
    load: async () => (await import('./completion/command.ts')).completionCommand(),
  },
  forget: {
    about: 'let go of what is personal: lease, announcement, peer',
    load: async () => (await import('./forget/command.ts')).forgetCommand(),
  },
  projections: {
    about: 'the tables that lists are read from: ls, rebuild, replay',
    load: async () => (await import('./projections/command.ts')).projectionsCommand(),
  },
  effects: {
    about: 'what is to be done, and what is stuck: ls, replay, drop',
    load: async () => (await import('./effects/command.ts')).effectsCommand(),
  },
  timers: {
    about: 'what is to be done at a time: ls',
    load: async () => (await import('./timers/command.ts')).timersCommand(),
  },
  journal: {
    about: 'the event log: copy, check, rescue, info, archive, restore',
    load: async () => (await import('./journal/command.ts')).journalCommand(),
  },
  doctor: {
    about: 'what works on this machine, and what to do about the rest',
    load: async () => (await import('./doctor/command.ts')).doctorCommand(),
  },
}
