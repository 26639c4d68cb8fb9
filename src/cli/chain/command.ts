import { Command, type CommandUnknownOpts, InvalidArgumentError } from '@commander-js/extra-typings'
import { addNodeOptions } from '../node-options.ts'
import { outputOption } from '../output.ts'
import { parseUpTo } from '../quantity.ts'
import { addWatchOptions } from '../watch/options.ts'

const MOST = 100
const limit = parseUpTo(MOST)
const hex = (text: string): string => {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('Not an id: 64 hex digits.')
  return text
}
const heightOrHash = (text: string): number | string => {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  return hex(text)
}

/** `zennet chain …` */
export const chainCommand = (): CommandUnknownOpts => {
  const chain = new Command('chain').description('the chain as this node follows it')
  const tip = chain
    .command('tip')
    .description('its newest block')
    .addOption(outputOption())
    .action(async (flags) => (await import('./blocks.ts')).showTip(flags))
  const blocks = chain
    .command('blocks')
    .description('its newest blocks')
    .option('--limit <count>', `1 to ${MOST}`, limit, 20)
    .addOption(outputOption())
    .action(async (flags) => (await import('./blocks.ts')).listBlocks(flags))
  const block = chain
    .command('block')
    .description('a block, and its transactions')
    .argument('<height-or-hash>', 'such as 120', heightOrHash)
    .addOption(outputOption())
    .action(async (which, flags) => (await import('./blocks.ts')).showBlock(which, flags))
  const tx = chain
    .command('tx')
    .description('a transaction, in a block or waiting for one')
    .argument('<txid>', '', hex)
    .addOption(outputOption())
    .action(async (txid, flags) => (await import('./transaction.ts')).showTransaction(txid, flags))
  const address = chain
    .command('address')
    .description('what an address has, and its transactions; the node needs --chain-index true')
    .argument('<address>')
    .option('--limit <count>', `transactions, 1 to ${MOST}`, limit, 20)
    .option('--unspent', 'its unspent outputs instead of its transactions')
    .addOption(outputOption())
    .action(async (which, flags) => (await import('./address.ts')).showAddress(which, flags))
  const mempool = chain
    .command('mempool')
    .description('what waits for a block, by fee rate')
    .option('--limit <count>', `1 to ${MOST}`, limit, 50)
    .addOption(outputOption())
    .action(async (flags) => (await import('./mempool.ts')).listMempool(flags))
  const fees = chain
    .command('fees')
    .description('what a place in a block costs: now, in the mempool, and lately')
    .addOption(outputOption())
    .action(async (flags) => (await import('./fees.ts')).showFees(flags))
  for (const command of [tip, blocks, mempool]) addWatchOptions(command as unknown as CommandUnknownOpts)
  for (const command of [tip, blocks, block, tx, address, mempool, fees])
    addNodeOptions(command as unknown as CommandUnknownOpts)
  return chain as unknown as CommandUnknownOpts
}
