import { Argument, Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { outputOption } from '../output.ts'
import { addSettingOptions } from '../setting-options.ts'

const CHAIN = ['network', 'challenge', 'chain', 'chainCookie', 'chainUser', 'chainPassword']

/** `zennet receipt …` */
export const receiptCommand = (): CommandUnknownOpts => {
  const receipt = new Command('receipt').description('receipts of leases, as files')
  const verify = receipt
    .command('verify')
    .description(
      'check a receipt that zennet lease receipt LEASE -o json wrote: signatures, bill, vouchers, transactions. Needs no ' +
        'node; with --chain also that its transactions are in blocks there. Ends with 0 when all is so and both have ' +
        'signed, with 1 when something is not so, with 6 when it is not signed by both.',
    )
    .addArgument(new Argument('<file>', 'the file; - for standard input').argRequired())
    .addOption(outputOption())
    .action(async (file, flags) => (await import('./verify.ts')).verifyReceiptFile(file, flags))
  addSettingOptions(verify as unknown as CommandUnknownOpts, (name) => CHAIN.includes(name))
  return receipt as unknown as CommandUnknownOpts
}
