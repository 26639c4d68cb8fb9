import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { addChangeOptions } from '../change.ts'
import { addNodeOptions } from '../node-options.ts'
import { outputOption } from '../output.ts'
import { parseUpTo } from '../quantity.ts'
import { addRequestOptions } from '../rent/request-options.ts'
import { addWatchOptions } from '../watch/options.ts'

/** Blocks that an announcement may stand for: a year of ten minutes each. */
const MOST_BLOCKS = 52_560

const addPostOptions = (command: CommandUnknownOpts): void => {
  addRequestOptions(command)
  command
    .option('--ssh-key <file>', 'a public key that may log in; may be repeated (default: your own)', (file, before) =>
      before === undefined ? [file] : [...(before as string[]), file],
    )
    .option('--expiry <blocks>', 'how long it stands (default: 144)', parseUpTo(MOST_BLOCKS))
}

/** `zennet post …` */
export const postCommand = (): CommandUnknownOpts => {
  const post = new Command('post').description('announcements of your own')
  const create = post
    .command('create')
    .description('put an announcement on the chain; providers answer, and leases of it run by themselves')
    .argument('[file]', 'what is wanted, as JSON or YAML; - is standard input; flags come before it')
    .option('--key <text>', 'the same announcement repeated with the same key is posted once')
    .addOption(outputOption())
    .action(async (file, flags) => (await import('./create.ts')).createPost(file, flags))
  const validate = post
    .command('validate')
    .description('check a request file as the node would, and show what it would make of it; posts nothing')
    .argument('<file>', 'JSON or YAML; - is standard input')
    .addOption(outputOption())
    .action(async (file, flags) => (await import('./create.ts')).validatePost(file, flags))
  const explain = post
    .command('explain')
    .description('why nobody took it, rule by rule, as far as this node knows')
    .argument('<announcement>', 'its transaction, or the beginning of that')
    .addOption(outputOption())
    .action(async (id, flags) => (await import('./explain.ts')).explainPost(id, flags))
  const ls = post
    .command('ls')
    .description('those of this node, newest first')
    .option('--all', 'also those that were withdrawn or have expired')
    .addOption(outputOption())
    .action(async (flags) => (await import('../market/ls.ts')).listMarket({ ...flags, own: true }))
  const cancel = post
    .command('cancel')
    .description('withdraw it: no new lease comes of it, and its bond comes back; prints the transaction')
    .argument('<announcement>', 'its transaction, or the beginning of that')
    .addOption(outputOption())
    .action(async (id, flags) => (await import('./cancel.ts')).cancelPost(id, flags))
  for (const command of [create, validate]) addPostOptions(command as unknown as CommandUnknownOpts)
  addWatchOptions(ls as unknown as CommandUnknownOpts)
  addChangeOptions(create as unknown as CommandUnknownOpts, { asks: true })
  addChangeOptions(cancel as unknown as CommandUnknownOpts, { asks: false })
  for (const command of [create, explain, ls, cancel]) addNodeOptions(command as unknown as CommandUnknownOpts)
  return post as unknown as CommandUnknownOpts
}
