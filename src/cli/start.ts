import { Command } from '@commander-js/extra-typings'
import pino from 'pino'
import { Fault } from '../../domain/fault.ts'
import { defaultDataDir } from '../data-dir.ts'
import { logDestination } from '../log/people.ts'
import type { Node } from '../node/node.ts'
import { MAX_HOURLY_SATS, showFirstLease } from './start/first-lease.ts'
import { mineFirstCoins, openLocalMarket } from './start/local-market.ts'
import { grouped, openScreen, type Screen } from './start/screen.ts'

/** How long the wallet may take to see the coins that were mined for it, ms. */
export const COINS_MS = 60_000

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
  const log = pino({ level: flags.logLevel }, logDestination(process.stderr))
  const market = await openLocalMarket({ dataDir: flags.dataDir, flags, env: process.env, log }).catch((error) => {
    screen.live('')
    throw error
  })
  try {
    const { publisher, provider } = market
    await mineFirstCoins(publisher)
    const { height } = await publisher.chain!.engine.tip()
    screen.line(
      `  chain        ${publisher.status.network}, ${publisher.status.chain}, block ${height}, a block every ${publisher.chain!.engine.network.spacingS} s`,
    )
    screen.line(`  provider     ${provider.status.machines}`)
    for (const note of provider.notes) screen.line(`               ${note}`)
    screen.line(`  publisher    reached at ${publisher.status.endpoint}`)
    screen.line()
    await funded(publisher, stop.signal)
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
const funded = async ({ wallet }: Node, stop: AbortSignal): Promise<void> => {
  const until = performance.now() + COINS_MS
  while ((await wallet!.balance()).confirmed === 0n) {
    if (stop.aborted) return
    if (performance.now() > until)
      throw new Fault('cli.timed-out', `the wallet has no coins ${COINS_MS / 1000} s after they were mined`, {
        next: 'Start again; if it stays so, start with a new --data-dir.',
      })
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** As a shell takes it for one word. */
const shellWord = (text: string): string => (/^[\w./~-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

const unlessStopped = (signal: AbortSignal, error: unknown): void => {
  if (!signal.aborted) throw error
}

const balances = async (
  { publisher, provider }: Awaited<ReturnType<typeof openLocalMarket>>,
  screen: Screen,
): Promise<void> => {
  const sum = async ({ wallet }: typeof publisher) => {
    const { confirmed, unconfirmed } = await wallet!.balance()
    return confirmed + unconfirmed
  }
  screen.line()
  screen.line(
    `  wallets      publisher ${grouped(await sum(publisher))} sats, provider ${grouped(await sum(provider))} sats (paid, less the closing fee)`,
  )
}

/** The page takes the token from behind the #, which no server is told. */
const dashboardOf = ({ url, token }: NonNullable<Node['api']>): string => `${url}/#token=${token}`

const farewell = (
  { publisher, provider }: Awaited<ReturnType<typeof openLocalMarket>>,
  dataDir: string,
  screen: Screen,
): void => {
  const where = dataDir === defaultDataDir(process.env) ? '' : ` --data-dir ${shellWord(dataDir)}`
  screen.line()
  screen.line('The market stays up.')
  screen.exact(`  rent again   npm run zennet -- rent${where} --max-price ${MAX_HOURLY_SATS} -- uname -a`)
  screen.exact(`  look         npm run zennet -- lease ls${where}`)
  if (publisher.api) screen.exact(`  dashboard    ${dashboardOf(publisher.api)}`)
  if (provider.api) screen.exact(`  and lending  ${dashboardOf(provider.api)}`)
  screen.line(`  API          ${publisher.api?.url}/graphql   (token in ${publisher.api?.tokenFile})`)
  screen.line('  stop         Ctrl-C')
}
