import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { outputOption } from '../output.ts'

/** `zennet journal …` */
export const journalCommand = (): CommandUnknownOpts => {
  const journal = new Command('journal').description(
    'the event log of a node; copy, check and rescue while the node is stopped',
  )
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
  journal
    .command('info <path>')
    .description('how much is in a journal.sqlite and its archive; also while the node runs')
    .addOption(outputOption())
    .action(async (path, { output }) => (await import('./archive.ts')).infoCommand(path, output))
  journal
    .command('archive <path> <stream...>')
    .description('move streams that will not grow out of the live file; a node does it by itself, see keepClosedMs')
    .action(async (path, streams) => (await import('./archive.ts')).moveCommand('archive', path, streams))
  journal
    .command('restore <path> <stream...>')
    .description('move streams back from the archive')
    .action(async (path, streams) => (await import('./archive.ts')).moveCommand('restore', path, streams))
  return journal
}
