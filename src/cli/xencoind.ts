import { mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { pino } from 'pino'
import { fromHex } from '../../domain/bytes.ts'
import { decodeAddress } from '../../domain/chain/address.ts'
import { networkNamed, signedNetwork } from '../../domain/chain/network.ts'
import { Fault } from '../../domain/fault.ts'
import { signTransaction } from '../../domain/wallet/sign.ts'
import { MAX_MINING_THREADS } from '../chain/mining/port.ts'
import { type RpcServer, serveRpc } from '../chain/rpc-server.ts'
import type { SolveBlock } from '../chain/xencoind/template.ts'
import { openXencoind, type Xencoind } from '../chain/xencoind/xencoind.ts'
import { systemClock } from '../clock/system.ts'
import { chooseCurve } from '../curve/choose.ts'
import { openScriptThreads } from '../curve/script-threads.ts'

export const DEFAULT_RPC_PORT = 28554
const wholeNumber = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65_535) throw new InvalidArgumentError('Not a port number.')
  return value
}
const seconds = (text: string): number => {
  const value = Number(text)
  if (!(value > 0 && value <= 86_400)) throw new InvalidArgumentError('Not a number of seconds above 0.')
  return value
}
const threadCount = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > MAX_MINING_THREADS)
    throw new InvalidArgumentError(`Not a whole number from 1 to ${MAX_MINING_THREADS}.`)
  return value
}

const hex = (text: string): Uint8Array => {
  if (!/^([0-9a-fA-F]{2})+$/.test(text)) throw new InvalidArgumentError('Not a script in hex.')
  return fromHex(text)
}

const program = new Command('xencoind')
  .description('The XenCoin node: keeps the chain on disk, makes blocks, answers bitcoind’s JSON-RPC.')
  .option('--data-dir <dir>', 'where the chain is kept', join(homedir(), '.local', 'state', 'zennet', 'chain'))
  .addOption(
    new Option('--network <name>', 'which chain')
      .choices(['xencoin', 'xencoin-dev', 'regtest'] as const)
      .default('xencoin-dev'),
  )
  .option('--rpc-port <port>', 'JSON-RPC port; 0 takes any free one', wholeNumber, DEFAULT_RPC_PORT)
  .option('--rpc-bind <address>', 'address that JSON-RPC listens on', '127.0.0.1')
  .option('--mine-to <address>', 'make blocks that pay to this address')
  .option('--mine-interval <seconds>', 'seconds between them (default: the network’s spacing)', seconds)
  .option('--mining-threads <count>', 'that look for work at the lowest priority, where blocks need it', threadCount, 1)
  .option('--challenge <script>', 'only blocks that satisfy this script count, in hex: a closed network (BIP 325)', hex)
  .option('--signing-key <file>', 'secret key that satisfies the challenge, 64 hex digits: signs own blocks')

const run = async (options: ReturnType<typeof program.opts>): Promise<void> => {
  const named = networkNamed(options.network)
  const network = options.challenge === undefined ? named : signedNetwork(named, options.challenge)
  const solve = options.signingKey === undefined ? undefined : keySolver(options.signingKey)
  const mineTo = options.mineTo === undefined ? undefined : decodeAddress(network, options.mineTo)
  const { dataDir } = options
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const log = pino({ name: 'xencoind' }, pino.destination({ dest: 2, sync: true }))
  const node = await openXencoind({
    dataDir,
    network,
    curve: chooseCurve(),
    clock: systemClock,
    log,
    threads: openScriptThreads(),
    ...(solve && { solve }),
  })
  const rpc = await listen(node, dataDir, options)
  const end = endOnce(node, rpc)
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  stopRequested = end
  const tip = await node.tip()
  console.log(`xencoind on ${network.name}: JSON-RPC at ${rpc.url}, login in ${rpc.cookieFile}`)
  console.log(`tip ${tip.height} ${tip.hash}`)
  if (mineTo !== undefined) {
    const { mineInterval: intervalS = network.spacingS, miningThreads: threads } = options
    node.startMining({ intervalS, script: mineTo, threads })
  }
}

let stopRequested = (): void => {}

/** Satisfies the challenge of an address by the key in `file`. @throws Fault `chain.bad-signing-key` */
const keySolver = (file: string): SolveBlock => {
  const text = readFileSync(file, 'utf8').trim()
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new Fault('chain.bad-signing-key', `${file} does not hold a secret key`, {
      culprit: 'you',
      next: 'It must hold 64 hex digits and nothing else.',
    })
  }
  const curve = chooseCurve()
  const secret = fromHex(text)
  const key = { secret, publicKey: curve.publicKey(secret) }
  return ({ tx, spent }) => {
    const [input] = signTransaction(tx, [{ value: spent[0]!.value, key }], curve).inputs
    return { scriptSig: input!.scriptSig, witness: input!.witness }
  }
}

const listen = async (
  node: Xencoind,
  dataDir: string,
  { rpcBind, rpcPort }: { rpcBind: string; rpcPort: number },
): Promise<RpcServer> => {
  try {
    return await serveRpc({ node, dataDir, bind: rpcBind, port: rpcPort, onStop: () => stopRequested() })
  } catch (error) {
    await node.close()
    throw error
  }
}

const endOnce = (node: Xencoind, rpc: RpcServer): (() => void) => {
  let ending = false
  return () => {
    if (ending) return
    ending = true
    rpc
      .close()
      .then(() => node.close())
      .then(() => console.log('xencoind ended; the chain is safe on disk'))
      .catch(fail)
  }
}

const fail = (error: unknown): void => {
  if (error instanceof Fault) console.error(`xencoind: ${error.message} (${error.code})\n${error.next}`)
  else console.error(error)
  process.exitCode = 1
}

program.action((options) => run(options).catch(fail))
await program.parseAsync()
