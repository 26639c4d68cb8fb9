import { Command, type CommandUnknownOpts, InvalidArgumentError } from '@commander-js/extra-typings'
import { addNodeOptions } from './node-options.ts'
import { outputOption } from './output.ts'
import { addWatchOptions, position } from './watch/options.ts'

const hours = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 720) throw new InvalidArgumentError('Not a number of 1 to 720.')
  return value
}

/** `zennet market …` */
export const marketCommand = (): CommandUnknownOpts => {
  const market = new Command('market').description('the market as this node sees it')
  const ls = market
    .command('ls')
    .description('announcements that stand, newest first; HERE says whether this provider’s policy takes them')
    .option('--all', 'also those that were withdrawn or have expired')
    .option('--own', 'only those of this node')
    .addOption(outputOption())
    .action(async (flags) => (await import('./market/ls.ts')).listMarket(flags))
  const watch = market
    .command('watch')
    .description('what happens in the market: facts as they come, a line each')
    .option('--after <position>', 'those behind this position of the log; 0: all (default: from now on)', position)
    .addOption(outputOption())
    .action(async (flags) => (await import('./market/watch.ts')).watchMarket(flags))
  const stats = market
    .command('stats')
    .description('prices of each resource, how long announcements wait, and what was sold')
    .option('--hours <count>', 'of the last hours, 1 to 720', hours, 24)
    .addOption(outputOption())
    .action(async (flags) => (await import('./market/stats.ts')).showStatistics(flags))
  const offers = market
    .command('offers')
    .description('offers of providers, newest first: for how much, and how available they were')
    .addOption(outputOption())
    .action(async (flags) => (await import('./market/offers.ts')).listOffers(flags))
  const depth = market
    .command('depth')
    .description('what is wanted and offered now, by price')
    .addOption(outputOption())
    .action(async (flags) => (await import('./market/depth.ts')).showDepth(flags))
  for (const command of [ls, depth]) addWatchOptions(command as unknown as CommandUnknownOpts)
  for (const command of [ls, watch, stats, offers, depth]) addNodeOptions(command as unknown as CommandUnknownOpts)
  return market as unknown as CommandUnknownOpts
}
