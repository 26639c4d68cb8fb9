import { Command, type CommandUnknownOpts, Option, type OptionValues } from '@commander-js/extra-typings'
import { ISOLATIONS } from '../../../domain/resources.ts'
import type { Config } from '../../config.ts'
import { addNodeOptions } from '../node-options.ts'
import { parseCount, parseCpu, parseDuration, parsePercent, parseSats, parseSeconds, parseSize } from '../quantity.ts'
import { addSettingOptions } from '../setting-options.ts'

/** Settings of the node that `rent` runs itself when none is there. */
const OWN_NODE: readonly (keyof Config)[] = [
  'dataDir',
  'network',
  'chain',
  'chainCookie',
  'chainUser',
  'chainPassword',
  'rpcPort',
  'challenge',
  'listen',
  'p2pHost',
  'p2pPort',
  'connect',
  'addnode',
  'publisherHost',
  'publisherPort',
  'insideEveryMs',
  'walletPassword',
  'dailyBudgetSats',
  'logLevel',
]

/** `zennet rent` */
export const rentCommand = (): CommandUnknownOpts => {
  const command = new Command('rent')
    .description(
      'Rent machines and be in a shell; leaving it settles and prints the receipt. With a command behind --, run that ' +
        'and end with its exit code. Several words are run as they are; a single one is a line for the shell there.',
    )
    .argument('[command...]', 'what to run there, behind --')
    .option('--cpu <cores>', 'cores, as in 2 or 0.5 (default: 1)', parseCpu)
    .option('--memory <size>', 'as in 256MiB (default: 256MiB)', parseSize)
    .option('--disk <size>', 'as in 1GiB (default: 1GiB)', parseSize)
    .option('--image <name>', 'what runs (default: zennet/busybox:1)')
    .option('--max-price <sats>', 'the most for an hour of full use of one machine (default: 10000)', parseSats)
    .option(
      '--budget <sats>',
      'the most that each lease may cost (default: full use for the whole duration)',
      parseSats,
    )
    .option(
      '--max-budget <sats>',
      'top a lease up by itself, when little of --budget is left, to this at the most',
      parseSats,
    )
    .option('--count <machines>', 'how many (default: 1)', parseCount)
    .option('--duration <time>', 'the longest, as in 90s or 1h (default: 1h)', parseSeconds)
    .option(
      '--renew-up-to <time>',
      'make it longer by itself while the provider agrees, to this at the most',
      parseSeconds,
    )
    .option('--notice <time>', 'how long before it ends a lease by choice a provider must say so', parseDuration)
    .option('--max-pause <time>', 'the longest pause, by either side; 0s: none (default: 1h)', parseSeconds)
    .option('--data-grace <time>', 'how long files can be read after the end (default: 0s)', parseSeconds)
    .option(
      '--min-availability <percent>',
      'only of who was there for so much of the last 30 days (zennet market offers)',
      parsePercent,
    )
    .option('--label <text>', 'for people; public')
    .addOption(new Option('--isolation <kind>', 'at least (default: none)').choices(ISOLATIONS))
    .option('--internet', 'the machine shall reach the network')
    .option('--wait <time>', 'how long to wait for somebody to agree (default: 2m)', parseDuration)
    .option('-t, --tty', 'ask for a terminal also for a command')
    .option('--keep', 'leave the leases running: print their ids, and end') as unknown as CommandUnknownOpts
  addSettingOptions(command, (name) => OWN_NODE.includes(name))
  addNodeOptions(command)
  return command.action(async (...args) => {
    const { rent } = await import('./rent.ts')
    process.exitCode = await rent(args[0] as string[], args.at(-2) as OptionValues)
  })
}
