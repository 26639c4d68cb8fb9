import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { type Logger, pino } from 'pino'
import { fromHex } from '../../domain/bytes.ts'
import { decodeAddress } from '../../domain/chain/address.ts'
import { type Network, networkNamed, signedNetwork } from '../../domain/chain/network.ts'
import { Fault } from '../../domain/fault.ts'
import { MAX_MINING_THREADS } from '../chain/mining/port.ts'
import { parseHostPort } from '../chain/p2p/host-port.ts'
import { P2P_LIMITS } from '../chain/p2p/limits.ts'
import { openP2p, type P2p } from '../chain/p2p/p2p.ts'
import { hostPortText } from '../chain/p2p/port.ts'
import { tcpTransport } from '../chain/p2p/tcp.ts'
import { type RpcServer, serveRpc } from '../chain/rpc-server.ts'
import { keySolver } from '../chain/xencoind/key-solver.ts'
import { openXencoind, type Xencoind } from '../chain/xencoind/xencoind.ts'
import { systemClock } from '../clock/system.ts'
import { chooseCurve } from '../curve/choose.ts'
import { openScriptThreads } from '../curve/script-threads.ts'
import { logDestination } from '../log/people.ts'
import { VERSION } from '../node/version.ts'
import { systemRandom } from '../random/system.ts'

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

const peerCount = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 1_000) throw new InvalidArgumentError('Not between 1 and 1000.')
  return value
}
/** Each is added to those before; in a variable they are separated by commas. */
const addresses = (text: string, before: string[] = []): string[] => {
  const all = text.split(',').map((one) => one.trim())
  for (const one of all)
    if (parseHostPort(one, 1) === undefined) throw new InvalidArgumentError('Not an address: write it as HOST:PORT.')
  return [...before, ...all]
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
  .addOption(new Option('--listen', 'let other nodes call this one').env('ZENNET_LISTEN'))
  .addOption(
    new Option('--p2p-host <address>', 'address that it listens on for them')
      .env('ZENNET_P2P_HOST')
      .default('127.0.0.1'),
  )
  .addOption(
    new Option('--p2p-port <port>', 'port that it listens on for them; 0 takes any free one (default: the network’s)')
      .env('ZENNET_P2P_PORT')
      .argParser(wholeNumber),
  )
  .addOption(
    new Option('--connect <address>', 'node to call, HOST:PORT, and no others; may be repeated')
      .env('ZENNET_CONNECT')
      .argParser(addresses),
  )
  .addOption(
    new Option('--addnode <address>', 'node to call beside those that are heard of, HOST:PORT; may be repeated')
      .env('ZENNET_ADDNODE')
      .argParser(addresses),
  )
  .addOption(
    new Option('--max-peers <count>', 'nodes connected at a time')
      .env('ZENNET_MAX_PEERS')
      .argParser(peerCount)
      .default(P2P_LIMITS.peers),
  )
  .option('--mine-to <address>', 'make blocks that pay to this address')
  .option('--mine-interval <seconds>', 'seconds between them (default: the network’s spacing)', seconds)
  .option('--mining-threads <count>', 'that look for work at the lowest priority, where blocks need it', threadCount, 1)
  .option('--challenge <script>', 'only blocks that satisfy this script count, in hex: a closed network (BIP 325)', hex)
  .option('--signing-key <file>', 'secret key that satisfies the challenge, 64 hex digits: signs own blocks')

const run = async (options: ReturnType<typeof program.opts>): Promise<void> => {
  const named = networkNamed(options.network)
  const network = options.challenge === undefined ? named : signedNetwork(named, options.challenge)
  const solve = options.signingKey === undefined ? undefined : keySolver(options.signingKey, chooseCurve())
  const mineTo = options.mineTo === undefined ? undefined : decodeAddress(network, options.mineTo)
  const { dataDir } = options
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const log = pino({ name: 'xencoind' }, logDestination(process.stderr))
  const node = await openXencoind({
    dataDir,
    network,
    curve: chooseCurve(),
    clock: systemClock,
    log,
    threads: openScriptThreads(),
    ...(solve && { solve }),
  })
  const { peers, rpc } = await openDoors(node, network, log, options)
  const end = endOnce(node, peers, rpc)
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  stopRequested = end
  const tip = await node.tip()
  console.log(`xencoind on ${network.name}: JSON-RPC at ${rpc.url}, login in ${rpc.cookieFile}`)
  if (peers.listening !== undefined) console.log(`peers call ${hostPortText(peers.listening)}`)
  console.log(`tip ${tip.height} ${tip.hash}`)
  if (mineTo !== undefined) {
    const { mineInterval: intervalS = network.spacingS, miningThreads: threads } = options
    node.startMining({ intervalS, script: mineTo, threads })
  }
}

let stopRequested = (): void => {}

/** What the node speaks to others by. A part that cannot be opened closes those before it. */
const openDoors = async (
  node: Xencoind,
  network: Network,
  log: Logger,
  options: ReturnType<typeof program.opts>,
): Promise<{ peers: P2p; rpc: RpcServer }> => {
  const { dataDir, listen, p2pHost: host, p2pPort, connect = [], addnode = [], maxPeers } = options
  const at = (texts: readonly string[]) => texts.map((text) => parseHostPort(text, network.p2pPort)!)
  const closers: (() => Promise<void>)[] = [() => node.close()]
  try {
    const peers = await openP2p({
      node,
      dataDir,
      clock: systemClock,
      random: systemRandom,
      log,
      transport: tcpTransport(),
      userAgent: `/zennet:${VERSION}/`,
      ...(listen === true && { listen: { host, port: p2pPort ?? network.p2pPort } }),
      connect: at(connect),
      addNodes: at(addnode),
      limits: { peers: maxPeers, outbound: Math.min(P2P_LIMITS.outbound, maxPeers) },
    })
    closers.push(() => peers.close())
    const { rpcBind: bind, rpcPort: port } = options
    return { peers, rpc: await serveRpc({ node, peers, dataDir, bind, port, onStop: () => stopRequested() }) }
  } catch (error) {
    for (const close of closers.reverse()) await close()
    throw error
  }
}

const endOnce = (node: Xencoind, peers: P2p, rpc: RpcServer): (() => void) => {
  let ending = false
  return () => {
    if (ending) return
    ending = true
    rpc
      .close()
      .then(() => peers.close())
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
