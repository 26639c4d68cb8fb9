import { Command, type CommandUnknownOpts, type OptionValues } from '@commander-js/extra-typings'
import { addSettingOptions } from '../setting-options.ts'

/** `zennet provide`: every setting of a node is a flag, but those that only a publisher has. */
export const provideCommand = (): CommandUnknownOpts => {
  const command = new Command('provide').description(
    'Lend this machine out: waits for announcements that it can serve, runs machines, and is paid every second. Ctrl-C ends the leases and settles.',
  ) as unknown as CommandUnknownOpts
  addSettingOptions(command, (name) => !['roles', 'publisherHost', 'publisherPort'].includes(name))
  return command.action(async (...args) => (await import('./provide.ts')).provide(args.at(-2) as OptionValues))
}
