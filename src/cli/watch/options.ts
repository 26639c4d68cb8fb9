import { type CommandUnknownOpts, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { usageFault } from '../exit-code.ts'

export type WatchFlags = { readonly watch?: true | undefined; readonly after?: string | undefined }

/** @throws InvalidArgumentError */
export const position = (text: string): string => {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Not a position of the event log.')
  return text
}

/** Adds `--watch` and `--after`. */
export const addWatchOptions = (command: CommandUnknownOpts): void => {
  command
    .hook('preAction', () => {
      const { watch, after } = command.opts() as WatchFlags
      if (after !== undefined && !watch) throw usageFault('--after goes with --watch.')
    })
    .addOption(
      new Option('-w, --watch', 'go on with what changes: on a terminal drawn anew, else a line or row for each'),
    )
    .addOption(
      new Option('--after <position>', 'with --watch: only what changed behind this position of the log').argParser(
        position,
      ),
    )
}
