import { accessSync, constants, mkdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { type Daemon, freePort, startDaemon } from '../e2e/daemon.ts'

const ROOT = join(import.meta.dirname, '../..')

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A real bitcoind: the one that `ZENNET_TEST_BITCOIND` names, that `unpack.sh` put into `.cache`, or that is installed. */
const bitcoind = [
  process.env['ZENNET_TEST_BITCOIND'] ?? '',
  join(ROOT, '.cache/bitcoind/bin/bitcoind'),
  ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'bitcoind')),
].find((path) => path !== '' && isProgram(path))

/** The command line that came with it. */
export const bitcoinCli = join(dirname(bitcoind ?? ''), 'bitcoin-cli')

export const whyNoBitcoind = bitcoind === undefined ? '(no bitcoind: run test/bitcoind/unpack.sh .cache/bitcoind)' : ''
/** For `describe.skipIf`: a missing one skips visibly, but where CI is set the tests must run (and fail). */
export const skipWithoutBitcoind = bitcoind === undefined && !process.env['CI']

/** A bitcoind on regtest, in a process of its own. */
export type Bitcoind = { readonly url: string; readonly cookie: string; readonly daemon: Daemon; readonly port: number }

/**
 * Starts it on loopback, on a chain of its own or the one that is in `home`, and waits until it has loaded that.
 *
 * @param more whether it has wallets, and more of its arguments
 */
export const startBitcoind = async (
  home: string,
  at?: number,
  { wallet = false, settings = [] }: { readonly wallet?: boolean; readonly settings?: readonly string[] } = {},
): Promise<Bitcoind> => {
  if (bitcoind === undefined) throw new Error(`expected a real bitcoind ${whyNoBitcoind}`)
  const folder = join(home, 'bitcoind')
  mkdirSync(folder, { recursive: true })
  const port = at ?? (await freePort())
  const quiet = ['dnsseed', 'fixedseeds', 'discover', 'listen', 'listenonion', 'natpmp']
  // With its own checks of the whole mempool and block index on, which regtest has by default, it does 15 transactions a second.
  const quick = ['checkmempool', 'checkblockindex']
  const daemon = startDaemon({
    command: bitcoind,
    home,
    args: [
      ...['-regtest', '-server=1', '-printtoconsole=1', `-datadir=${folder}`, `-rpcport=${port}`],
      ...(wallet ? [] : ['-disablewallet']),
      ...['-rpcbind=127.0.0.1', '-rpcallowip=127.0.0.1', '-dbcache=16'],
      ...[...quiet, ...quick].map((name) => `-${name}=0`),
      ...settings,
    ],
  })
  await daemon.line(/Done loading/)
  return { url: `http://127.0.0.1:${port}/`, cookie: join(folder, 'regtest/.cookie'), daemon, port }
}
