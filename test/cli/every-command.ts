import { allCommands } from '../../ops/docs/command-line.ts'

const TXID = 'ab'.repeat(32)
const LEASE = 'cd'.repeat(16)
const KEY = `02${'ef'.repeat(32)}`

/** Words for the arguments, and options that must be there, by the command's own words. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  'lease fetch': [LEASE, 'out.txt'],
  'lease top-up': [LEASE, '5000'],
  'lease renew': [LEASE, '--for', '1h'],
  'lease change': [LEASE, '--price-percent', '110'],
  'lease stop': [LEASE],
  'wallet send': ['xcd1address', '5000'],
  'wallet bump': [TXID],
  'wallet label': [TXID, 'words'],
  'wallet label-address': ['xcd1address', 'words'],
  'wallet watch': ['wpkh(xpub)'],
  'wallet psbt create': ['xcd1address', '5000'],
  'wallet psbt decode': ['cHNidA=='],
  'wallet psbt sign': ['cHNidA=='],
  'wallet psbt combine': ['cHNidA==', 'cHNidA=='],
  'wallet psbt finalize': ['cHNidA=='],
  'chain block': ['12'],
  'chain tx': [TXID],
  'chain address': ['xcd1address'],
  'forget lease': [LEASE],
  'forget announcement': [TXID],
  'forget peer': [KEY],
  'effects replay': [TXID],
  'effects drop': [TXID],
  'projections rebuild': ['leases'],
  'projections replay': ['leases'],
  'post cancel': [TXID],
  'post explain': [TXID],
}

/** Does not ask the node it is told of, or asks it for what no document of its own says. */
const NOT_SHOWN = new Set(['doctor'])

export type Sample = { readonly name: string; readonly args: readonly string[]; readonly flags: ReadonlySet<string> }

/** Every command, with words for its arguments; `name` is without `zennet`. */
export const everyCommand = async (): Promise<readonly Sample[]> =>
  (await allCommands()).map(([line, leaf]) => {
    const name = line.replace(/^zennet /, '').replace(/ [<[].*$/, '')
    const words = WORDS[name] ?? leaf.registeredArguments.filter(({ required }) => required).map(() => LEASE)
    return {
      name,
      args: [...name.split(' '), ...words],
      flags: new Set(leaf.options.flatMap(({ long }) => long ?? [])),
    }
  })

/** Those that ask a node, and can show what. */
export const nodeCommands = async (): Promise<readonly Sample[]> =>
  (await everyCommand()).filter(({ name, flags }) => flags.has('--explain') && !NOT_SHOWN.has(name))
