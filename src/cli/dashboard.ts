import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { defaultDataDir } from '../data-dir.ts'
import { addNodeOptions, connect, DEFAULT_URL, knownUrl, type NodeFlags, tokenFor } from './node-options.ts'
import { openSecretPage } from './open-page.ts'
import { type Output, printValue, say } from './output.ts'

type Flags = NodeFlags & { readonly output: Output; readonly print?: true }

/** The page reads the token behind `#`, which browsers send to nobody. It is a secret: whoever has it can spend. */
const dashboard = async (flags: Flags): Promise<void> => {
  await connect(flags).request('{ status { version } }')
  const origin = knownUrl(flags) ?? DEFAULT_URL
  const url = `${origin}/#token=${encodeURIComponent(tokenFor(origin, flags))}`
  printValue('url', url, flags.output)
  if (flags.print || process.stdout.isTTY !== true) return
  if (!(await openSecretPage(url, defaultDataDir(process.env))))
    say('There is no xdg-open here: open the address in a browser.')
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
