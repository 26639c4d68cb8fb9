import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Fault } from '../domain/fault.ts'
import { GRANT } from '../domain/session/grant.ts'
import { MAX_MINING_THREADS } from './chain/mining/port.ts'
import { flag, hostPort, list, port, sats, whole } from './config-values.ts'
import { defaultConfigDir, defaultDataDir } from './data-dir.ts'
import { lendingSettings } from './lending-settings.ts'

/** Every setting of a node, with its default. A flag `--api-port`, the variable `ZENNET_API_PORT` and the file's `apiPort` are the same. */
const settings = {
  dataDir: z.string().min(1).describe('everything the node keeps: log, rows, wallet, machines'),
  journal: z
    .union([
      z.literal('sqlite'),
      z.string().regex(/^sqlite:./),
      z.string().regex(/^(?:kurrentdb|kurrent|kdb|esdb)(?:\+discover)?:\/\//),
    ])
    .default('sqlite')
    .describe(
      'where the event log is: `sqlite`, in the data directory; sqlite:FILE or kurrentdb://user:password@host:2113?tls=true#log, which nodes may share',
    ),
  journalThread: flag
    .optional()
    .describe(
      'keep a log in SQLite in a thread of its own; absent: with the role api, whose answers must not wait for the disk',
    ),
  keepClosedMs: z.coerce
    .number()
    .int()
    .min(0)
    .default(7 * 24 * 3_600_000)
    .describe(
      'how long leases and other streams that are over stay in an SQLite log’s live file, ms; then they move to its archive, where they are read as before. 0: they stay',
    ),
  subjectKeys: z
    .string()
    .min(1)
    .optional()
    .describe(
      'file of the keys of what is personal in the log, which nodes that share the log share; absent: beside sqlite:FILE, else subject-keys.sqlite in the data directory',
    ),
  network: z.enum(['xencoin', 'xencoin-dev', 'regtest']).default('xencoin-dev').describe('which chain'),
  roles: list
    .pipe(z.array(z.enum(['publisher', 'provider', 'api'])))
    .default(['publisher', 'provider', 'api'])
    .describe('what this node does, comma separated'),
  chain: z
    .union([z.literal('embedded'), z.url({ protocol: /^https?$/ })])
    .default('embedded')
    .describe('`embedded`, or the JSON-RPC address of xencoind or bitcoind'),
  chainCookie: z.string().optional().describe('cookie file of that node'),
  chainUser: z.string().optional().describe('user name at that node, instead of a cookie'),
  chainPassword: z.string().optional().describe('its password'),
  rpcPort: port.default(28_554).describe('JSON-RPC of the embedded chain node; 0 any free'),
  rpcHost: z.string().default('127.0.0.1').describe('address that JSON-RPC listens on'),
  listen: flag.default(false).describe('let other chain nodes call the embedded one'),
  p2pHost: z.string().default('127.0.0.1').describe('address that it listens on for them'),
  p2pPort: port.optional().describe('port that it listens on for them; 0 any free; absent: that of the network'),
  connect: list
    .pipe(z.array(hostPort))
    .default([])
    .describe('chain nodes that the embedded one calls, and no others, HOST:PORT; may be repeated'),
  addnode: list
    .pipe(z.array(hostPort))
    .default([])
    .describe('chain nodes that it calls beside those that it hears of, HOST:PORT; may be repeated'),
  maxPeers: whole(1, 1_000).default(125).describe('chain nodes connected at a time'),
  challenge: z
    .string()
    .regex(/^([0-9a-fA-F]{2})+$/)
    .max(20_000)
    .optional()
    .describe('only blocks that satisfy this script count, in hex: a closed network (BIP 325)'),
  signingKey: z
    .string()
    .min(1)
    .optional()
    .describe('file of the secret key that satisfies the challenge, 64 hex digits: signs blocks that are mined here'),
  mine: flag.default(false).describe('make blocks with the embedded chain node'),
  chainIndex: flag.default(false).describe('keep in the log who paid whom on the chain: addresses, what they have'),
  miningThreads: whole(1, MAX_MINING_THREADS)
    .default(1)
    .describe('that look for work at the lowest priority, where blocks need it'),
  apiHost: z.string().default('127.0.0.1').describe('address of the API'),
  apiPort: port.default(4_000).describe('port of the API; 0 any free'),
  apiUrls: list
    .pipe(z.array(z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin)))
    .default([])
    .describe('addresses by which others reach the API: sessions are signed for one of them'),
  sessionKeys: list
    .pipe(z.array(z.string().regex(GRANT)))
    .default([])
    .describe(
      'what chain keys may do in a session, KEY=read+post+spend:SATS_A_DAY; any other key reads what concerns it',
    ),
  publisherHost: z
    .string()
    .default('127.0.0.1')
    .describe('address where providers reach this publisher; it goes on the chain'),
  publisherPort: port.default(4_001).describe('port where providers reach this publisher'),
  insideEveryMs: whole(0, 3_600_000)
    .default(10_000)
    .describe('how often this publisher reads the counters inside a machine that it rents, ms; 0: never'),
  shellHost: z.string().default('127.0.0.1').describe('address of the shell gateway'),
  shellPort: port.default(4_022).describe('port of the shell gateway'),
  terminalIdleMs: whole(0, 2_147_483_647)
    .default(12 * 3_600_000)
    .describe(
      'a terminal through which nothing goes for so long is ended, ms; 0: never; commands and copies never are',
    ),
  walletFile: z
    .string()
    .min(1)
    .optional()
    .describe('the wallet; absent: wallet.json in the data directory. Nodes that share a log share it'),
  walletPassword: z
    .string()
    .max(1_024)
    .default('')
    .describe('opens the wallet; empty: the file’s mode alone protects it'),
  machines: z
    .enum(['auto', 'docker', 'namespace', 'process'])
    .default('auto')
    .describe('what makes machines; `process` isolates nothing'),
  dockerSocket: z.string().optional().describe('Docker’s socket'),
  ...lendingSettings,
  dailyBudgetSats: sats
    .optional()
    .describe(
      'what all leases rented here may cost in one day of UTC, sats, fees of the chain apart; absent: no limit',
    ),
  logLevel: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('how much is logged'),
}

const schema = z.strictObject(settings)
export type Config = z.infer<typeof schema>

/** Name and description of every setting, for `--help` and the docs. */
export const SETTINGS: readonly { readonly name: keyof Config; readonly about: string; readonly fallback: unknown }[] =
  Object.entries(settings).map(([name, type]) => {
    const fallback = type.safeParse(undefined)
    return {
      name: name as keyof Config,
      about: type.description ?? '',
      fallback: fallback.success ? fallback.data : undefined,
    }
  })

export type ConfigSources = {
  /** From the command line, by setting name. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: Readonly<Record<string, string | undefined>>
}

/** `apiPort` → `ZENNET_API_PORT`; `priceMemGiBHour` → `ZENNET_PRICE_MEM_GIB_HOUR`. */
export const envName = (setting: string): string =>
  `ZENNET_${setting
    .replace('GiB', 'Gib')
    .replace(/([A-Z])/g, '_$1')
    .toUpperCase()}`

/** Variables that programs read and that are no settings of a node. */
export const NOT_SETTINGS = ['ZENNET_CONFIG', 'ZENNET_KURRENTDB_URL', 'ZENNET_URL', 'ZENNET_TOKEN', 'ZENNET_CONTEXT']

/**
 * Reads the config: flag, else environment, else file, else default. The file is `$ZENNET_CONFIG`, `--config`,
 * `<data dir>/config.json` or `$XDG_CONFIG_HOME/zennet/config.json`, the first that is there.
 *
 * @throws Fault `config.unknown-key`, `config.bad-value`, `config.bad-file`: the start stops
 */
export const readConfig = ({ flags, env }: ConfigSources): Config => {
  const { config: configFlag, ...given } = flags
  const known = new Map(SETTINGS.map(({ name }) => [envName(name), name]))
  const fromEnv: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('ZENNET_') || NOT_SETTINGS.includes(name)) continue
    const setting = known.get(name)
    if (!setting) throw unknownKey(name, 'the environment')
    fromEnv[setting] = value
  }
  const dataDir = given['dataDir'] ?? fromEnv['dataDir'] ?? defaultDataDir(env)
  const fromFile = readFile(configFlag ?? env['ZENNET_CONFIG'], [
    join(String(dataDir), 'config.json'),
    join(defaultConfigDir(env), 'config.json'),
  ])
  const fromFlags = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const parsed = schema.safeParse({ dataDir, ...fromFile, ...fromEnv, ...fromFlags })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  if (issue?.code === 'unrecognized_keys') throw unknownKey(issue.keys.join(', '), 'the config')
  throw new Fault('config.bad-value', `a setting is not usable:\n${z.prettifyError(parsed.error)}`, {
    culprit: 'you',
    next: 'Correct it; `zennetd --help` lists every setting.',
  })
}

const unknownKey = (name: string, where: string): Fault =>
  new Fault('config.unknown-key', `${name} in ${where} is not a setting`, {
    culprit: 'you',
    next: 'Remove or correct it; `zennetd --help` lists every setting.',
  })

const readFile = (named: unknown, usual: readonly string[]): Record<string, unknown> => {
  for (const path of named === undefined ? usual : [String(named)]) {
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch (cause) {
      if (named === undefined && (cause as NodeJS.ErrnoException).code === 'ENOENT') continue
      throw new Fault('config.bad-file', `the config file ${path} cannot be read`, {
        culprit: 'you',
        next: 'Check its path and mode.',
        cause,
      })
    }
    try {
      const value: unknown = JSON.parse(text)
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
    } catch {}
    throw new Fault('config.bad-file', `the config file ${path} is not a JSON object`, {
      culprit: 'you',
      next: 'Write it as {"apiPort": 4000, …}; `zennetd --help` lists every setting.',
    })
  }
  return {}
}
