import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { Fault } from '../../domain/fault.ts'
import { plainText } from '../../domain/plain-text.ts'
import { VERSION } from '../node/version.ts'
import { COMMANDS } from './commands.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { Shown } from './node-client.ts'
import { prepareOutput } from './output.ts'

const program = new Command('zennet')
  .description('An open market for computers, paid every second in coin.')
  .version(VERSION)
  .showHelpAfterError('See --help.')

/** Commander ends the process with 1 for usage; here that is `EXIT.usage`, and what was written so far gets out first. */
const tame = (command: CommandUnknownOpts): void => {
  command.exitOverride()
  for (const child of command.commands) tame(child)
}

const FAULT_OF: Readonly<Record<Fault['culprit'], string>> = {
  you: 'you, or what was asked for',
  publisher: 'the publisher',
  provider: 'the provider',
  'peer-unreachable': 'the other side, which is not reached',
  chain: 'the chain',
  host: 'the machine that the node or this program runs on',
}

const report = (error: unknown): number => {
  if (error instanceof Shown) return EXIT.done
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  if (error instanceof Fault) {
    const { message, code, culprit, next } = error
    // A message of our own may have several lines; a stranger's text in it stays escaped.
    const lines = [
      ...`zennet: ${message} (${code})`.split('\n'),
      `at fault: ${FAULT_OF[culprit]}`,
      `next: ${next}`,
    ].map(plainText)
    process.stderr.write(`${lines.join('\n')}\n`)
  } else {
    // A fault of ours that nobody expected: its stack is what a report of it needs.
    const lines = String(error instanceof Error ? error.stack : error).split('\n')
    process.stderr.write(`zennet: ${lines.map(plainText).join('\n')}\n`)
  }
  return exitCodeOf(error)
}

const run = async (args: readonly string[]): Promise<number> => {
  if (args[0] === '__complete') return (await import('./completion/complete.ts')).complete(args.slice(2))
  for (const [name, { about, load }] of Object.entries(COMMANDS)) {
    if (args[0] === name || (args[0] === 'help' && args[1] === name)) program.addCommand(await load())
    else program.command(name).description(about)
  }
  program.hook('preAction', async (_, command) => prepareOutput(command.opts()['output']))
  tame(program)
  await program.parseAsync(args, { from: 'user' })
  return Number(process.exitCode ?? EXIT.done)
}

// Some commands have something to put in order first, and listen themselves.
process.on('SIGINT', () => {
  if (process.listenerCount('SIGINT') > 1) return
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K')
  process.exit(EXIT.interrupted)
})
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader left, as `head` does.
  if (error.code === 'EPIPE') process.exit(EXIT.done)
  throw error
})
process.exitCode = await run(process.argv.slice(2)).catch(report)
