import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { addNodeOptions, connect, DEFAULT_URL, knownUrl, type NodeFlags, tokenFor } from './node-options.ts'
import { type Output, printValue, say } from './output.ts'

type Flags = NodeFlags & { readonly output: Output; readonly print?: true }

/** The page reads the token behind `#`, which browsers send to nobody. It is a secret: whoever has it can spend. */
const dashboard = async (flags: Flags): Promise<void> => {
  await connect(flags).request('{ status { version } }')
  const origin = knownUrl(flags) ?? DEFAULT_URL
  const url = `${origin}/#token=${encodeURIComponent(tokenFor(origin, flags))}`
  printValue('url', url, flags.output)
  if (flags.print || process.stdout.isTTY !== true) return
  const opener = spawn('xdg-open', [url], { stdio: 'ignore', detached: true })
  const opened = await Promise.race([once(opener, 'spawn').then(() => true), once(opener, 'error').then(() => false)])
  opener.unref()
  if (!opened) say('There is no xdg-open here: open the address in a browser.')
}

/** `zennet dashboard` */
export const dashboardCommand = (): CommandUnknownOpts => {
  const command = new Command('dashboard')
    .description('the address of the node’s page with its token; on a terminal it is opened in a browser as well')
    .option('--print', 'only print it')
    .action(async (flags) => dashboard(flags as Flags)) as unknown as CommandUnknownOpts
  addNodeOptions(command)
  return command
}
