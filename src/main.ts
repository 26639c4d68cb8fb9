import { Command } from '@commander-js/extra-typings'
import pino from 'pino'
import { Fault } from '../domain/fault.ts'
import { envName, readConfig, SETTINGS } from './config.ts'
import { logDestination } from './log/people.ts'
import { openNode } from './node/node.ts'

/** `zennetd`: the market daemon. */
const program = new Command('zennetd').description('The Zennet market daemon: rents machines, rents them out, or both.')
program.option('--config <file>', 'config file, JSON')
for (const { name, about, fallback } of SETTINGS) {
  const flag = name.replace(/([A-Z])/g, '-$1').toLowerCase()
  const shown =
    fallback === undefined
      ? ''
      : ` (default: ${typeof fallback === 'object' ? (fallback as string[]).join(',') : fallback})`
  const words = `${about}${shown} [${envName(name)}]`
  // Of a list, each is added to those before.
  if (Array.isArray(fallback))
    program.option(`--${flag} <value>`, words, (value, before?: string) => (before ? `${before},${value}` : value))
  else program.option(`--${flag} <value>`, words)
}

const run = async (flags: Record<string, unknown>): Promise<void> => {
  const config = readConfig({ flags, env: process.env })
  const log = pino(
    { level: config.logLevel, redact: ['*.password', '*.secret', '*.token'] },
    logDestination(process.stderr),
  )
  const node = await openNode(config, log)
  if (node.newWords && process.stdout.isTTY) {
    console.log(
      'A new wallet was made. Write these 24 words down: they bring it back (zennet wallet backup shows them again):',
    )
    console.log(node.newWords)
  } else if (node.newWords) {
    // A journal or a log file keeps what is printed, for whoever may read it.
    console.log('A new wallet was made. zennet wallet backup shows the 24 words that bring it back: write them down.')
  }
  for (const note of node.notes) console.log(`note: ${note}`)
  console.log(
    `zennetd ${node.status.version} on ${node.status.network}: ${node.status.roles.join(', ')}; chain ${node.status.chain}`,
  )
  if (node.status.machines) console.log(`machines: ${node.status.machines}`)
  if (node.status.endpoint) console.log(`publisher's endpoint: ${node.status.endpoint}`)
  if (node.api) console.log(`API: ${node.api.url}/graphql, token in ${node.api.tokenFile}`)
  console.log('ready')
  let closing = false
  const end = () => {
    if (closing) return
    closing = true
    node.close().then(() => process.exit(0))
  }
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
}

program.action((flags) =>
  run(flags).catch((error: unknown) => {
    if (error instanceof Fault) console.error(`zennetd: ${error.message} (${error.code})\n${error.next}`)
    else console.error(error)
    process.exit(1)
  }),
)
await program.parseAsync()
