import { Command, type CommandUnknownOpts, type OptionValues } from '@commander-js/extra-typings'
import type { Config } from '../../config.ts'
import { addChangeOptions } from '../change.ts'
import { addNodeOptions } from '../node-options.ts'
import { parseDuration } from '../quantity.ts'
import { addSettingOptions } from '../setting-options.ts'
import { addRequestOptions } from './request-options.ts'

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
    .option('--wait <time>', 'how long to wait for somebody to agree (default: 2m)', parseDuration)
    .option('-t, --tty', 'ask for a terminal also for a command')
    .option('--keep', 'leave the leases running: print their ids, and end') as unknown as CommandUnknownOpts
  addRequestOptions(command)
  addChangeOptions(command, { asks: true })
  addSettingOptions(command, (name) => OWN_NODE.includes(name))
  addNodeOptions(command)
  return command.action(async (...args) => {
    const { rent } = await import('./rent.ts')
    process.exitCode = await rent(args[0] as string[], args.at(-2) as OptionValues)
  })
}
