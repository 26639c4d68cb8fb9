import { Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { addChangeOptions } from '../change.ts'
import { addNodeOptions } from '../node-options.ts'
import { outputOption } from '../output.ts'
import { parseSats, parseUpTo } from '../quantity.ts'
import { addWatchOptions } from '../watch/options.ts'
import { addDeskCommands, feeRate, target } from './desk-commands.ts'

const networkOption = () =>
  new Option('--network <name>', 'which chain').choices(['xencoin', 'xencoin-dev', 'regtest'] as const)
const dataDirOption = () => new Option('--data-dir <dir>', 'data directory of the node [ZENNET_DATA_DIR]')

/** `zennet wallet …` */
export const walletCommand = (): CommandUnknownOpts => {
  const wallet = new Command('wallet').description('the coins of a node')
  const made = wallet
    .command('new')
    .description('make the wallet before the node’s first start: prints its 24 words and where it can be paid')
    .addOption(dataDirOption())
    .addOption(networkOption())
    .option('--restore', 'from 24 words, typed or on standard input')
    .addOption(outputOption())
    .action(async (flags) => (await import('./keys.ts')).newWallet(flags))
  const restored = wallet
    .command('restore')
    .description(
      'make the wallet again from 24 words, typed or on standard input; its coins are found when the node follows the chain',
    )
    .addOption(dataDirOption())
    .addOption(networkOption())
    .option(
      '--gap <keys>',
      'look so many unused keys beyond the last used one of each account (default: 20)',
      parseUpTo(10_000),
    )
    .addOption(outputOption())
    .action(async (flags) => (await import('./keys.ts')).newWallet({ ...flags, restore: true }))
  wallet
    .command('backup')
    .description('print the 24 words that bring the wallet back; whoever has them has the coins')
    .addOption(dataDirOption())
    .addOption(networkOption())
    .addOption(outputOption())
    .action(async (flags) => (await import('./keys.ts')).backupWallet(flags))
  for (const command of [made, restored]) addChangeOptions(command as unknown as CommandUnknownOpts, { asks: true })
  const balance = wallet
    .command('balance')
    .description('what it has, sats')
    .addOption(outputOption())
    .action(async (flags) => (await import('./coins.ts')).showBalance(flags))
  const receive = wallet
    .command('receive')
    .description('an address to be paid at')
    .addOption(outputOption())
    .action(async (flags) => (await import('./coins.ts')).showAddress(flags))
  const send = wallet
    .command('send')
    .description('pay an address; prints the transaction')
    .argument('<address>')
    .argument('<sats>', 'whole sats', parseSats)
    .option('--fee-rate <rate>', 'sats per virtual byte (default: the chain node’s estimate)', feeRate)
    .option('--target <blocks>', 'the estimate to be in a block within so many', target)
    .option('--key <text>', 'the same payment repeated with the same key is made once')
    .addOption(outputOption())
    .action(async (address, sats, flags) => (await import('./coins.ts')).send(address, sats, flags))
  const history = wallet
    .command('history')
    .description('its transactions, newest first')
    .addOption(outputOption())
    .action(async (flags) => (await import('./coins.ts')).showHistory(flags))
  addChangeOptions(send as unknown as CommandUnknownOpts, { asks: true })
  for (const command of [balance, history]) addWatchOptions(command as unknown as CommandUnknownOpts)
  for (const command of [balance, receive, send, history]) addNodeOptions(command as unknown as CommandUnknownOpts)
  addDeskCommands(wallet)
  return wallet as unknown as CommandUnknownOpts
}
