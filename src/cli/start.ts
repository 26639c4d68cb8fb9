import { Command } from '@commander-js/extra-typings'
import pino from 'pino'
import { defaultDataDir } from '../config.ts'
import { showFirstLease } from './start/first-lease.ts'
import { mineFirstCoins, openLocalMarket } from './start/local-market.ts'
import { grouped, openScreen, type Screen } from './start/screen.ts'

/** `zennet start`: one machine plays the whole market, shows one lease, and stays up. */
export const startCommand = () =>
  new Command('start')
    .description('Run a whole market on this machine: chain, miner, provider, publisher, API; show one lease; stay up.')
    .option('--data-dir <dir>', 'where it keeps everything', defaultDataDir(process.env))
    .option('--machines <driver>', 'auto, docker, namespace or process')
    .option('--docker-socket <path>', 'Docker’s socket')
    .option('--api-port <port>', 'port of the API')
    .option('--publisher-port <port>', 'port where providers reach the publisher')
    .option('--shell-port <port>', 'port of the shell gateway')
    .option('--rpc-port <port>', 'port of the chain’s JSON-RPC')
    .option('--log-level <level>', 'how much is logged on stderr', 'warn')
    .option('--once', 'stop after the lease is settled')
    .action(async ({ once, ...flags }) => await start(flags, once === true))

const start = async (flags: { dataDir: string; logLevel: string }, once: boolean): Promise<void> => {
  const screen = openScreen(process.stdout)
  const stop = new AbortController()
  const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve(), { once: true }))
  const interrupt = () => stop.abort(new Error('interrupted'))
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  screen.line('Zennet: a whole market on this machine')
  screen.line()
  screen.live('  starting the chain, a publisher and a provider…')
  const log = pino({ level: flags.logLevel }, pino.destination(2))
  const market = await openLocalMarket({ dataDir: flags.dataDir, flags, env: process.env, log })
  try {
    const { publisher, provider } = market
    await mineFirstCoins(publisher)
    const { height } = await publisher.chain.engine.tip()
    screen.line(
      `  chain        ${publisher.status.network}, ${publisher.status.chain}, block ${height}, a block every ${publisher.chain.engine.network.spacingS} s`,
    )
    screen.line(`  provider     ${provider.status.machines}`)
    for (const note of provider.notes) screen.line(`               ${note}`)
    screen.line(`  publisher    reached at ${publisher.status.endpoint}`)
    screen.line()
    await funded(publisher)
    if (!stop.signal.aborted)
      await showFirstLease(publisher, screen, stop.signal).catch((error) => unlessStopped(stop.signal, error))
    if (once || stop.signal.aborted) return
    await balances(market, screen)
    farewell(market, flags.dataDir, screen)
    await stopped
  } finally {
    screen.line()
    screen.line('  stopping: leases end, machines are removed…')
    await market.close()
    screen.line('  stopped; nothing runs any more. Wallets and logs stay in the data directory.')
  }
}

/** The wallet hears of its coins from the chain, a moment after they are mined. */
const funded = async ({ wallet }: { wallet: { balance(): Promise<{ confirmed: bigint }> } }): Promise<void> => {
  while ((await wallet.balance()).confirmed === 0n) await new Promise((resolve) => setTimeout(resolve, 50))
}

const unlessStopped = (signal: AbortSignal, error: unknown): void => {
  if (!signal.aborted) throw error
}

const balances = async (
  { publisher, provider }: Awaited<ReturnType<typeof openLocalMarket>>,
  screen: Screen,
): Promise<void> => {
  const sum = async ({ wallet }: typeof publisher) => {
    const { confirmed, unconfirmed } = await wallet.balance()
    return confirmed + unconfirmed
  }
  screen.line()
  screen.line(
    `  wallets      publisher ${grouped(await sum(publisher))} sats, provider ${grouped(await sum(provider))} sats (paid, less the closing fee)`,
  )
}

const farewell = (
  { publisher }: Awaited<ReturnType<typeof openLocalMarket>>,
  dataDir: string,
  screen: Screen,
): void => {
  const where = dataDir === defaultDataDir(process.env) ? '' : ` --data-dir ${dataDir}`
  screen.line()
  screen.line('The market stays up.')
  screen.line(`  rent again   npm run zennet --${where} rent -- uname -a`)
  screen.line(`  look         npm run zennet --${where} lease ls`)
  screen.line(`  API          ${publisher.api?.url}/graphql   (token in ${publisher.api?.tokenFile})`)
  screen.line('  stop         Ctrl-C')
}
