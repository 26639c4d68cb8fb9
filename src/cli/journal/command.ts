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
  return journal
}
