import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'

/** `zennet journal …` */
export const journalCommand = (): CommandUnknownOpts => {
  const journal = new Command('journal').description('the event log of a node, while the node is stopped')
  journal
    .command('copy')
    .description('copy a whole log to another place and compare the two; done again, it goes on where it stopped')
    .requiredOption('--from <place>', 'sqlite:PATH of a journal.sqlite, or kurrentdb://…#log')
    .requiredOption('--to <place>', 'the same; must be empty, or hold the beginning of that log')
    .action(async ({ from, to }) => (await import('./copy.ts')).copyCommand(from, to))
  journal
    .command('check <path>')
    .description('read all of a journal.sqlite and its archive, and say what is damaged')
    .action(async (path) => (await import('./check.ts')).checkCommand(path))
  journal
    .command('rescue')
    .description('copy what can be read of a damaged journal.sqlite into a new file, and say what is lost')
    .requiredOption('--from <path>', 'the damaged file; it stays as it is')
    .requiredOption('--to <path>', 'where nothing is yet')
    .action(async ({ from, to }) => (await import('./check.ts')).rescueCommand(from, to))
  return journal
}
