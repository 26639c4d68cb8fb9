import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { z } from 'zod'
import { Fault } from '../../domain/fault.ts'
import { type GraphqlClient, graphqlClient } from '../api/client.ts'
import { defaultDataDir } from '../config.ts'
import { API_ADDRESS_FILE } from '../node/address-file.ts'
import { usageFault } from './exit-code.ts'

export const DEFAULT_URL = 'http://127.0.0.1:4000'

/** Which node a command speaks to. */
export type NodeFlags = {
  readonly url?: string
  readonly token?: string
  readonly tokenFile?: string
  readonly dataDir?: string
}

/** Adds `--url`, `--token`, `--token-file` and, unless it is there, `--data-dir`. Read them with `command.opts<NodeFlags>()`. */
export const addNodeOptions = (command: CommandUnknownOpts): void => {
  command
    .addOption(
      new Option('--url <url>', `the node to speak to (default: that of --data-dir, else ${DEFAULT_URL}) [ZENNET_URL]`),
    )
    .addOption(new Option('--token <token>', 'its API token; visible to other users of this machine [ZENNET_TOKEN]'))
    .addOption(new Option('--token-file <file>', 'file with its API token (default: api-token in --data-dir)'))
  if (!command.options.some(({ long }) => long === '--data-dir'))
    command.addOption(new Option('--data-dir <dir>', 'data directory of a node on this machine [ZENNET_DATA_DIR]'))
}

export const dataDirOf = ({ dataDir }: NodeFlags): string =>
  dataDir ?? (process.env['ZENNET_DATA_DIR'] || defaultDataDir(process.env))

/** Where the node is: a flag, else the environment, else what a node that runs in the data directory says; undefined when none says. */
export const knownUrl = (flags: NodeFlags): string | undefined => {
  const url = flags.url ?? (process.env['ZENNET_URL'] || addressIn(dataDirOf(flags)))
  if (url === undefined) return undefined
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:')
    throw usageFault('The URL of the node is not http or https.', `Write it as in ${DEFAULT_URL}.`)
  return parsed.origin
}

/** A client of the node that the flags, the environment or the data directory name. Nothing is sent yet. */
export const connect = (flags: NodeFlags): GraphqlClient => {
  const url = knownUrl(flags) ?? DEFAULT_URL
  return graphqlClient({ url, token: tokenFor(url, flags) })
}

const Address = z.object({ url: z.url({ protocol: /^https?$/ }) })

const addressIn = (dataDir: string): string | undefined => {
  try {
    return Address.parse(JSON.parse(readFileSync(join(dataDir, API_ADDRESS_FILE), 'utf8'))).url
  } catch {
    return undefined
  }
}

const tokenFor = (url: string, flags: NodeFlags): string => {
  const given = flags.token ?? (flags.tokenFile === undefined ? process.env['ZENNET_TOKEN'] : undefined)
  if (given !== undefined && given !== '') return checked(given)
  if (flags.tokenFile !== undefined) return checked(readToken(flags.tokenFile) ?? '')
  const file = join(dataDirOf(flags), 'api-token')
  // This machine's token is not for a stranger's server.
  const token = isLoopback(url) ? readToken(file) : undefined
  if (token !== undefined) return checked(token)
  throw flags.url === undefined && !process.env['ZENNET_URL']
    ? new Fault('api.unreachable', `no node was started in ${dataDirOf(flags)}`, {
        culprit: 'you',
        next: 'Start one (zennet start), or name another with --data-dir, or with --url and --token-file.',
      })
    : new Fault('api.unauthorized', `there is no token for the node at ${url}`, {
        culprit: 'you',
        next: 'Name the file with --token-file: it is api-token in the data directory of that node.',
      })
}

const isLoopback = (url: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname)

const readToken = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** A header must be able to carry it. */
const checked = (token: string): string => {
  if (/^[\x21-\x7e]{1,1000}$/.test(token)) return token
  throw new Fault('api.unauthorized', 'the API token cannot be read, or is none', {
    culprit: 'you',
    next: 'Name the file with --token-file: it is api-token in the data directory of the node.',
  })
}
