import { Command, type CommandUnknownOpts, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { MAX_WATCH_GAP } from '../../api/port.ts'
import { addChangeOptions } from '../change.ts'
import { addNodeOptions } from '../node-options.ts'
import { outputOption } from '../output.ts'
import { parseDuration, parseSats, parseUpTo } from '../quantity.ts'

export const feeRate = (text: string): number => {
  const value = Number(text)
  if (!(value >= 0.1 && value <= 10_000)) throw new InvalidArgumentError('Not a fee rate: sats per virtual byte.')
  return value
}
export const target = (text: string): number => {
  const value = Number(text)
  if (!(Number.isInteger(value) && value >= 1 && value <= 1_008))
    throw new InvalidArgumentError('Not a target: 1 to 1008 blocks.')
  return value
}

/** `zennet wallet bump`, `label`, `lock`, `unlock`, `descriptors`, `watch` and `psbt …`. */
export const addDeskCommands = (wallet: Command): void => {
  const bump = wallet
    .command('bump')
    .description('raise the fee of a transaction that waits, by a replacement or a child; prints that')
    .argument('<txid>')
    .option('--fee-rate <rate>', 'sats per virtual byte (default: the chain node’s estimate)', feeRate)
    .option('--target <blocks>', 'the estimate to be in a block within so many', target)
    .option('--key <text>', 'the same bump repeated with the same key is made once')
    .addOption(outputOption())
    .action(async (txid, flags) => (await import('./desk.ts')).bump(txid, flags))
  const label = wallet
    .command('label')
    .description('your own words for a transaction, shown in the history; none take them away')
    .argument('<txid>')
    .argument('[words]', 'at most 200 characters', '')
    .action(async (txid, words, flags) => (await import('./desk.ts')).label(txid, words, flags))
  const addresses = wallet
    .command('addresses')
    .description('those that were given out, paid or labelled, by account')
    .addOption(outputOption())
    .action(async (flags) => (await import('./addresses.ts')).showAddresses(flags))
  const labelAddress = wallet
    .command('label-address')
    .description('your own words for an address of yours; none take them away')
    .argument('<address>')
    .argument('[words]', 'at most 200 characters', '')
    .action(async (address, words, flags) => (await import('./addresses.ts')).labelAddress(address, words, flags))
  const lock = wallet
    .command('lock')
    .description('spend and sign nothing on request from now on; leases that run go on')
    .action(async (flags) => (await import('./desk.ts')).lock(flags))
  const unlock = wallet
    .command('unlock')
    .description('let coins be spent for a while; the password is typed, or read from standard input')
    .option('--for <duration>', 'such as 10m (default: 5m)', parseDuration)
    .addOption(outputOption())
    .action(async (flags) => (await import('./desk.ts')).unlock(flags))
  const descriptors = wallet
    .command('descriptors')
    .description('what finds its addresses and signs nothing, for a wallet that watches')
    .addOption(outputOption())
    .action(async (flags) => (await import('./desk.ts')).showDescriptors(flags))
  const watch = wallet
    .command('watch')
    .description('what the addresses of a descriptor have, of any wallet; the node needs --chain-index true')
    .argument('<descriptor>', 'such as wpkh([…]xpub…/0/*)#…')
    .option('--gap <count>', 'unused addresses in a row that end a branch (default: 20)', parseUpTo(MAX_WATCH_GAP))
    .addOption(outputOption())
    .action(async (descriptor, flags) => (await import('./watch.ts')).watchDescriptor(descriptor, flags))
  wallet.addCommand(psbtCommand() as unknown as Command)
  for (const command of [label, labelAddress, lock])
    addChangeOptions(command as unknown as CommandUnknownOpts, { asks: false })
  for (const command of [bump, unlock]) addChangeOptions(command as unknown as CommandUnknownOpts, { asks: true })
  for (const command of [bump, label, addresses, labelAddress, lock, unlock, descriptors, watch])
    addNodeOptions(command as unknown as CommandUnknownOpts)
}

const psbtCommand = (): CommandUnknownOpts => {
  const psbt = new Command('psbt').description('partially signed transactions (BIP 174, BIP 370), base64')
  const create = psbt
    .command('create')
    .description('an unsigned payment; reserves nothing')
    .argument('<address>')
    .argument('<sats>', 'whole sats', parseSats)
    .option('--fee-rate <rate>', 'sats per virtual byte (default: the chain node’s estimate)', feeRate)
    .option('--target <blocks>', 'the estimate to be in a block within so many', target)
    .addOption(new Option('--psbt-version <number>', '0: BIP 174, 2: BIP 370').choices(['0', '2']).default('0'))
    .addOption(outputOption())
    .action(async (address, sats, flags) => (await import('./desk.ts')).createPsbt(address, sats, flags))
  const decode = psbt
    .command('decode')
    .description('what it spends and pays, and what of it is yours')
    .argument('<psbt>')
    .addOption(outputOption())
    .action(async (text, flags) => (await import('./addresses.ts')).decodePsbt(text, flags))
  const sign = psbt
    .command('sign')
    .description('sign the inputs that are this wallet’s')
    .argument('<psbt>')
    .addOption(outputOption())
    .action(async (text, flags) => (await import('./desk.ts')).signPsbt(text, flags))
  const combine = psbt
    .command('combine')
    .description('what several parties signed, in one')
    .argument('<psbts...>')
    .addOption(outputOption())
    .action(async (texts, flags) => (await import('./desk.ts')).combinePsbts(texts, flags))
  const finalize = psbt
    .command('finalize')
    .description('the signed transaction, checked')
    .argument('<psbt>')
    .option('--broadcast', 'give it to the chain')
    .addOption(outputOption())
    .action(async (text, flags) => (await import('./desk.ts')).finalizePsbt(text, flags))
  addChangeOptions(finalize as unknown as CommandUnknownOpts, { asks: true })
  for (const command of [create, decode, sign, combine, finalize])
    addNodeOptions(command as unknown as CommandUnknownOpts)
  return psbt as unknown as CommandUnknownOpts
}
