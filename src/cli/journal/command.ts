import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { addChangeOptions } from '../change.ts'
import { outputOption } from '../output.ts'

/** `zennet journal …` */
export const journalCommand = (): CommandUnknownOpts => {
  const journal = new Command('journal').description(
    'the event log of a node; copy, check and rescue while the node is stopped',
  )
  const copy = journal
    .command('copy')
    .description('copy a whole log to another place and compare the two; done again, it goes on where it stopped')
    .requiredOption('--from <place>', 'sqlite:PATH of a journal.sqlite, or kurrentdb://…#log')
    .requiredOption('--to <place>', 'the same; must be empty, or hold the beginning of that log')
    .addOption(outputOption())
    .action(async (flags) => (await import('./copy.ts')).copyCommand(flags))
  journal
    .command('check <path>')
    .description('read all of a journal.sqlite and its archive, and say what is damaged')
    .addOption(outputOption())
    .action(async (path, { output }) => (await import('./check.ts')).checkCommand(path, output))
  const rescue = journal
    .command('rescue')
    .description('copy what can be read of a damaged journal.sqlite into a new file, and say what is lost')
    .requiredOption('--from <path>', 'the damaged file; it stays as it is')
    .requiredOption('--to <path>', 'where nothing is yet')
    .addOption(outputOption())
    .action(async (flags) => (await import('./check.ts')).rescueCommand(flags))
  journal
    .command('info <path>')
    .description('how much is in a journal.sqlite and its archive; also while the node runs')
    .addOption(outputOption())
    .action(async (path, { output }) => (await import('./archive.ts')).infoCommand(path, output))
  const archive = journal
    .command('archive <path> <stream...>')
    .description('move streams that will not grow out of the live file; a node does it by itself, see keepClosedMs')
    .action(async (path, streams, flags) => (await import('./archive.ts')).moveCommand('archive', path, streams, flags))
  const restore = journal
    .command('restore <path> <stream...>')
    .description('move streams back from the archive')
    .action(async (path, streams, flags) => (await import('./archive.ts')).moveCommand('restore', path, streams, flags))
  for (const command of [copy, rescue, archive, restore])
    addChangeOptions(command as unknown as CommandUnknownOpts, { asks: false })
  return journal
}
