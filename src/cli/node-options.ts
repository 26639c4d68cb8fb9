import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { Fault } from '../../domain/fault.ts'
import { graphqlClient } from '../api/client.ts'
import { defaultDataDir } from '../data-dir.ts'
import { API_ADDRESS_FILE } from '../node/address-file.ts'
import { contextNamed, readContexts } from './context/store.ts'
import { usageFault } from './exit-code.ts'
import { type NodeClient, nodeClient, shownClient } from './node-client.ts'
import { type Output, outputOption } from './output.ts'

export const DEFAULT_URL = 'http://127.0.0.1:4000'
const GROUP = 'Which node, and how it is asked:'

/** Which node a command speaks to, and whether it is only to show what it would ask. */
export type NodeFlags = {
  readonly url?: string
  readonly token?: string
  readonly tokenFile?: string
  readonly dataDir?: string
  readonly context?: string
  readonly explain?: true
  readonly curl?: true
}

/** Adds `--url`, `--token`, `--token-file`, `--context`, `--explain`, `--curl` and, unless they are there, `--data-dir` and `--output`. */
export const addNodeOptions = (command: CommandUnknownOpts): void => {
  const own = [
    new Option('--url <url>', `the node to speak to (default: that of --data-dir, else ${DEFAULT_URL}) [ZENNET_URL]`),
    new Option('--token <token>', 'its API token; visible to other users of this machine [ZENNET_TOKEN]'),
    new Option('--token-file <file>', 'file with its API token (default: api-token in --data-dir)'),
    new Option('--context <name>', 'a node by its name: zennet context ls [ZENNET_CONTEXT]'),
    new Option('--explain', 'print the GraphQL document and its variables; ask nothing'),
    new Option('--curl', 'print a curl command that asks the same; ask nothing'),
  ]
  if (!command.options.some(({ long }) => long === '--data-dir'))
    own.push(new Option('--data-dir <dir>', 'data directory of a node on this machine [ZENNET_DATA_DIR]'))
  for (const option of own) command.addOption(option.helpGroup(GROUP))
  // What changes something prints data too, with --dry-run.
  if (!command.options.some(({ long }) => long === '--output')) command.addOption(outputOption())
}

/** Flag before environment before context; the parts of one place are not mixed with those of another. */
type Place = {
  readonly url?: string | undefined
  readonly dataDir?: string | undefined
  readonly tokenFile?: string
  readonly isContext?: boolean
}

const placeOf = (flags: NodeFlags): Place => {
  const given = {
    ...(flags.url === undefined ? {} : { url: flags.url }),
    ...(flags.dataDir === undefined ? {} : { dataDir: flags.dataDir }),
    ...(flags.tokenFile === undefined ? {} : { tokenFile: flags.tokenFile }),
  }
  if (flags.context !== undefined) return { ...contextNamed(flags.context), ...given }
  const url = flags.url ?? (process.env['ZENNET_URL'] || undefined)
  const dataDir = flags.dataDir ?? (process.env['ZENNET_DATA_DIR'] || undefined)
  if (url !== undefined || dataDir !== undefined) return { ...given, url, dataDir }
  const name = process.env['ZENNET_CONTEXT'] || readContexts().current
  return name === undefined ? given : { ...contextNamed(name), ...given, isContext: true }
}

export const dataDirOf = (flags: NodeFlags): string => placeOf(flags).dataDir ?? defaultDataDir(process.env)

/** Where the node is: as it was named, else what a node that runs in the data directory says; undefined when none says. */
export const knownUrl = (flags: NodeFlags): string | undefined => {
  const url = placeOf(flags).url ?? addressIn(dataDirOf(flags))
  return url === undefined ? undefined : originOf(url)
}

/** @throws Fault `cli.usage` */
export const originOf = (url: string): string => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:')
    throw usageFault('The URL of the node is not http or https.', `Write it as in ${DEFAULT_URL}.`)
  return parsed.origin
}

/** A client of the node that the flags, the environment, a context or the data directory name. Nothing is sent yet. */
export const connect = (flags: NodeFlags & { readonly output?: Output | undefined }): NodeClient => {
  const url = knownUrl(flags) ?? DEFAULT_URL
  const client = graphqlClient({ url, token: async () => tokenFor(url, flags) })
  if (!flags.explain && !flags.curl) return nodeClient(client)
  return shownClient(client, {
    how: flags.curl ? 'curl' : 'explain',
    url,
    token: tokenWord(url, flags),
    output: flags.output ?? 'table',
  })
}

const addressIn = (dataDir: string): string | undefined => {
  try {
    const { url } = JSON.parse(readFileSync(join(dataDir, API_ADDRESS_FILE), 'utf8')) as { url?: unknown }
    return typeof url === 'string' && /^https?:/.test(url) && URL.canParse(url) ? url : undefined
  } catch {
    return undefined
  }
}

/**
 * `ZENNET_TOKEN` is of the node that --url or the environment name, or that is meant when nothing is named. A context and a data directory
 * have tokens of their own, and are not sent that of another node.
 */
const environmentToken = (flags: NodeFlags): string | undefined => {
  if (flags.tokenFile !== undefined || flags.context !== undefined) return undefined
  const isOfUrl = flags.url !== undefined || Boolean(process.env['ZENNET_URL'])
  if (!isOfUrl && (flags.dataDir !== undefined || placeOf(flags).isContext)) return undefined
  return process.env['ZENNET_TOKEN'] || undefined
}

/** @throws Fault `api.unreachable`, `api.unauthorized` */
export const tokenFor = (url: string, flags: NodeFlags): string => {
  const given = flags.token ?? environmentToken(flags)
  if (given !== undefined && given !== '') return checked(given)
  const file = tokenFileFor(url, flags)
  const token = file === undefined ? undefined : readToken(file)
  if (token !== undefined || placeOf(flags).tokenFile !== undefined) return checked(token ?? '')
  throw placeOf(flags).url === undefined
    ? new Fault('api.unreachable', `no node was started in ${dataDirOf(flags)}`, {
        culprit: 'you',
        next: 'Start one (zennet start), or name another with --data-dir, --context, or --url and --token-file.',
      })
    : new Fault('api.unauthorized', `there is no token for the node at ${url}`, {
        culprit: 'you',
        next: 'Name the file with --token-file: it is api-token in the data directory of that node.',
      })
}

/** This machine's token is not for a stranger's server. */
const tokenFileFor = (url: string, flags: NodeFlags): string | undefined => {
  const place = placeOf(flags)
  if (place.tokenFile !== undefined) return place.tokenFile
  return isLoopback(url) ? join(dataDirOf(flags), 'api-token') : undefined
}

/** The token as a word of a shell's double quotes that gets it without showing it. */
const tokenWord = (url: string, flags: NodeFlags): string => {
  if (flags.token !== undefined || environmentToken(flags) !== undefined) return '$ZENNET_TOKEN'
  const file = tokenFileFor(url, flags)
  return file === undefined ? '$ZENNET_TOKEN' : `$(cat '${file.replaceAll("'", `'\\''`)}')`
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
