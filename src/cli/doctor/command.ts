import { Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { addNodeOptions } from '../node-options.ts'
import { outputOption } from '../output.ts'
import { addSettingOptions } from '../setting-options.ts'

/** `zennet doctor` */
export const doctorCommand = (): CommandUnknownOpts => {
  const command = new Command('doctor')
    .description(
      'Try what a node needs on this machine, and say what to do about what is missing. Ends with 0 when nothing is in the way.',
    )
    .addOption(
      new Option('--role <role>', 'what this machine is to do')
        .choices(['both', 'publisher', 'provider'] as const)
        .default('both' as const),
    )
    .addOption(outputOption()) as unknown as CommandUnknownOpts
  addSettingOptions(command, (name) =>
    ['dataDir', 'apiPort', 'publisherPort', 'shellPort', 'rpcPort', 'dockerSocket'].includes(name),
  )
  addNodeOptions(command)
  return command.action(async (...args) => {
    const { doctor } = await import('./doctor.ts')
    process.exitCode = await doctor(args.at(-2) as Parameters<typeof doctor>[0])
  })
}
