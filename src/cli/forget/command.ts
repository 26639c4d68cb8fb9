import { Argument, Command, type CommandUnknownOpts, InvalidArgumentError } from '@commander-js/extra-typings'
import { addChangeOptions } from '../change.ts'
import { addNodeOptions } from '../node-options.ts'
import { outputOption } from '../output.ts'

const formed = (form: RegExp, what: string) => (text: string) => {
  if (!form.test(text)) throw new InvalidArgumentError(`Not ${what}.`)
  return text
}
const txid = formed(/^[0-9a-f]{64}$/, 'the id of a transaction: 64 hex digits')
const publicKey = formed(/^0[23][0-9a-f]{64}$/, 'an identity key: 66 hex digits that begin with 02 or 03')

/** `zennet forget …` */
export const forgetCommand = (): CommandUnknownOpts => {
  const forget = new Command('forget').description(
    'delete the key of what is personal in the log, for good; the chain, backups and other people’s logs are not reached',
  )
  const commands = [
    ['lease', new Argument('<lease>', 'its id, or the beginning of it'), 'addresses, keys and shell of one lease'],
    ['announcement', new Argument('<txid>', 'its transaction').argParser(txid), 'label and keys of one announcement'],
    [
      'peer',
      new Argument('<public key>', 'identity key of the other side').argParser(publicKey),
      'every lease and announcement with that other side',
    ],
  ] as const
  for (const [kind, argument, about] of commands) {
    const command = forget
      .command(kind)
      .description(about)
      .addArgument(argument as unknown as Argument<'<id>', string>)
      .addOption(outputOption())
      .action(async (id, flags) => (await import('./forget.ts')).forgetThe(kind, id, flags))
    addChangeOptions(command as unknown as CommandUnknownOpts, { asks: true })
    addNodeOptions(command as unknown as CommandUnknownOpts)
  }
  return forget as unknown as CommandUnknownOpts
}
