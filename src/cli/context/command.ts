import { resolve } from 'node:path'
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { addChangeOptions, type ChangeFlags, tellLocal } from '../change.ts'
import { notFound, usageFault } from '../exit-code.ts'
import { originOf } from '../node-options.ts'
import { type Column, type Output, outputOption, printRows, say } from '../output.ts'
import { type Context, contextNamed, contextsFile, readContexts, writeContexts } from './store.ts'

type Row = { readonly name: string; readonly current: boolean } & Context

const COLUMNS: readonly Column<Row>[] = [
  ['', ({ current }) => (current ? '*' : ' ')],
  ['CONTEXT', (it) => it.name],
  ['URL', (it) => it.url],
  ['DATA DIRECTORY', (it) => it.dataDir],
  ['TOKEN FILE', (it) => it.tokenFile],
]

/** Also a word for a shell to complete: nothing that would have to be quoted. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

type AddFlags = ChangeFlags & {
  readonly url?: string
  readonly tokenFile?: string
  readonly dataDir?: string
  readonly use?: true
}

const list = (output: Output): void => {
  const { current, contexts } = readContexts()
  const rows = Object.entries(contexts).map(([name, context]) => ({ name, current: name === current, ...context }))
  printRows(rows, COLUMNS, output)
}

const add = (name: string, flags: AddFlags): void => {
  if (!NAME.test(name)) throw usageFault('That is no name: letters, digits, dots, dashes, 64 at the most.')
  if (flags.url === undefined && flags.dataDir === undefined)
    throw usageFault('A context needs a node.', 'Name it with --url, or with --data-dir.')
  const context: Context = {
    ...(flags.url === undefined ? {} : { url: originOf(flags.url) }),
    ...(flags.tokenFile === undefined ? {} : { tokenFile: resolve(flags.tokenFile) }),
    ...(flags.dataDir === undefined ? {} : { dataDir: resolve(flags.dataDir) }),
  }
  tellLocal(`keep the context ${name}`, flags, [['file', contextsFile()]])
  const { current, contexts } = readContexts()
  const now = flags.use ? name : current
  writeContexts({ ...(now === undefined ? {} : { current: now }), contexts: { ...contexts, [name]: context } })
}

const use = (name: string, flags: ChangeFlags): void => {
  contextNamed(name)
  tellLocal(`use the context ${name} when nothing else is said`, flags, [['file', contextsFile()]])
  writeContexts({ ...readContexts(), current: name })
  const stronger = ['ZENNET_URL', 'ZENNET_DATA_DIR', 'ZENNET_CONTEXT'].filter((variable) => process.env[variable])
  if (stronger.length > 0) say(`${stronger.join(' and ')} in the environment comes before it`)
}

const remove = (name: string, flags: ChangeFlags): void => {
  const { current, contexts } = readContexts()
  if (!Object.hasOwn(contexts, name)) throw notFound(`there is no context ${name}`, 'See zennet context ls.')
  tellLocal(`forget the context ${name}`, flags, [['file', contextsFile()]])
  const left = Object.fromEntries(Object.entries(contexts).filter(([other]) => other !== name))
  writeContexts({ ...(current === undefined || current === name ? {} : { current }), contexts: left })
}

/** `zennet context …` */
export const contextCommand = (): CommandUnknownOpts => {
  const context = new Command('context').description('nodes by name, for --context')
  context
    .command('ls')
    .description('those that are known; * marks the one that is used when nothing else is said')
    .addOption(outputOption())
    .action(({ output }) => list(output))
  const using = context
    .command('use')
    .description('which one is used when no flag and no variable names a node')
    .argument('<context>')
    .action((name, flags) => use(name, flags))
  const adding = context
    .command('add')
    .description('keep a node under a name, in place of what was there')
    .argument('<context>')
    .option('--url <url>', 'where its API is')
    .option('--token-file <file>', 'file with its API token, which is read at each use')
    .option('--data-dir <dir>', 'its data directory, when it is on this machine: address and token are there')
    .option('--use', 'also use it from now on')
    .action((name, flags) => add(name, flags))
  const removing = context
    .command('rm')
    .description('forget the name; the node is not touched')
    .argument('<context>')
    .action((name, flags) => remove(name, flags))
  for (const command of [using, adding, removing])
    addChangeOptions(command as unknown as CommandUnknownOpts, { asks: false })
  return context as unknown as CommandUnknownOpts
}
