import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { Fault } from '../../domain/fault.ts'
import { plainText } from '../../domain/plain-text.ts'
import { VERSION } from '../node/version.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'

type Loader = { readonly about: string; readonly load: () => Promise<CommandUnknownOpts> }

/** Only the command that is asked for is loaded: `zennet --help` and a listing need not read the whole node. */
const COMMANDS: Readonly<Record<string, Loader>> = {
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
    about: 'leases: ls, show, watch, ssh, stop, top-up, renew, change, receipt',
    load: async () => (await import('./lease/command.ts')).leaseCommand(),
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
    about: 'coins: new, balance, receive, send, history, backup',
    load: async () => (await import('./wallet/command.ts')).walletCommand(),
  },
  chain: {
    about: 'blocks, transactions, addresses: tip, blocks, block, tx, address, mempool, fees',
    load: async () => (await import('./chain/command.ts')).chainCommand(),
  },
  market: {
    about: 'what is wanted and what it costs: ls, stats, depth',
    load: async () => (await import('./market.ts')).marketCommand(),
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
    about: 'the event log: copy',
    load: async () => (await import('./journal/command.ts')).journalCommand(),
  },
  doctor: {
    about: 'what works on this machine, and what to do about the rest',
    load: async () => (await import('./doctor/command.ts')).doctorCommand(),
  },
}

const program = new Command('zennet')
  .description('An open market for computers, paid every second in coin.')
  .version(VERSION)
  .showHelpAfterError('See --help.')

/** Commander ends the process with 1 for usage; here that is `EXIT.usage`, and what was written so far gets out first. */
const tame = (command: CommandUnknownOpts): void => {
  command.exitOverride()
  for (const child of command.commands) tame(child)
}

const report = (error: unknown): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  if (error instanceof Fault) {
    const { message, code, next } = error
    // A message of our own may have several lines; a stranger's text in it stays escaped.
    const lines = [...`zennet: ${message} (${code})`.split('\n'), next].map(plainText)
    process.stderr.write(`${lines.join('\n')}\n`)
  } else {
    // A fault of ours that nobody expected: its stack is what a report of it needs.
    const lines = String(error instanceof Error ? error.stack : error).split('\n')
    process.stderr.write(`zennet: ${lines.map(plainText).join('\n')}\n`)
  }
  return exitCodeOf(error)
}

const run = async (args: readonly string[]): Promise<number> => {
  for (const [name, { about, load }] of Object.entries(COMMANDS)) {
    if (args[0] === name || (args[0] === 'help' && args[1] === name)) program.addCommand(await load())
    else program.command(name).description(about)
  }
  tame(program)
  await program.parseAsync(args, { from: 'user' })
  return Number(process.exitCode ?? EXIT.done)
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader left, as `head` does.
  if (error.code === 'EPIPE') process.exit(EXIT.done)
  throw error
})
process.exitCode = await run(process.argv.slice(2)).catch(report)
