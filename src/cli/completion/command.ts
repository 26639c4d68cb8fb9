import { Argument, Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { SCRIPTS, SHELLS } from './scripts.ts'

/** `zennet completion` */
export const completionCommand = (): CommandUnknownOpts =>
  new Command('completion')
    .description(
      'print a script that completes commands, options, their values and ids; its first line says where to keep it',
    )
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .action((shell) => void process.stdout.write(SCRIPTS[shell])) as unknown as CommandUnknownOpts
