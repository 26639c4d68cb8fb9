import type { Difference } from './answer-differences.ts'

/** Where `xencoind` answers otherwise than the real one that the tests have (Bitcoin Knots 29.5), and why. */
export type KnownDifference = {
  /** Methods, or `*`. */
  readonly methods: readonly string[]
  /** Where in the answer. */
  readonly at: RegExp
  /** What the real one says there: of refusals, which are compared in a test of their own. */
  readonly theirs?: RegExp
  readonly why: string
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  // What Bitcoin Knots has and Bitcoin Core has not.
  {
    methods: ['getblockheader', 'getblock'],
    at: /^result\.(txcount|header_version)$/,
    why: 'of Knots alone: the count of transactions so far, and its own header version',
  },
  {
    methods: ['getmempoolentry', 'getrawmempool', 'getmempoolancestors', 'getmempooldescendants'],
    at: /\.(startingpriority|currentpriority|hash)$/,
    why: 'of Knots alone: priority by coin age',
  },
  {
    methods: ['getmempoolinfo'],
    at: /^result\.(dustrelayfee|dustrelayfeefloor|dustdynamic|rbf_policy|truc_policy)$/,
    why: 'of Knots alone: its policies by name',
  },
  { methods: ['testmempoolaccept'], at: /^result\.\d\.usage$/, why: 'of Knots alone: memory of a transaction' },
  { methods: ['getprioritisedtransactions'], at: /\.priority_delta$/, why: 'of Knots alone: priority that is no fee' },
  { methods: ['getdifficulty'], at: /^(result|error)$/, why: 'of Core alone: Knots has no getdifficulty' },
  {
    methods: ['getnetworkinfo'],
    at: /^result\.localservice/,
    why: 'ours does not speak the encrypted protocol (BIP 324); Knots has a flag of its own',
  },
  {
    methods: ['testmempoolaccept', 'sendrawtransaction'],
    at: /^(result\.0\.reject-details|error\.message)$/,
    theirs: /^dust$/,
    why: 'Core says of one output of dust what it asks of it',
  },
  // What `xencoind` does otherwise.
  { methods: ['getnetworkinfo'], at: /^result\.(version|subversion)$/, why: 'another program says another name' },
  {
    methods: ['getmempoolentry', 'getrawmempool', 'getmempoolancestors', 'getmempooldescendants', 'getmempoolinfo'],
    at: /\.unbroadcast(count)?$/,
    why: 'nothing waits for a peer to take it',
  },
  {
    methods: ['getmempoolinfo'],
    at: /^result\.(usage|maxmempool)$/,
    why: 'a mempool of another program takes other memory',
  },
  {
    methods: ['getblockchaininfo', 'gettxoutsetinfo'],
    at: /^result\.(size_on_disk|disk_size)$/,
    why: 'blocks, undo data, coins and indexes are one file',
  },
  {
    methods: ['getdeploymentinfo'],
    at: /^result\.deployments\.testdummy$/,
    why: 'a deployment that only Core’s own tests use',
  },
  { methods: ['getblocktemplate'], at: /^result\.longpollid$/, why: 'opaque: it has a counter of the node in it' },
  {
    methods: ['validateaddress'],
    at: /^result\.(error|error_locations.*)$/,
    why: 'Core says for people what is wrong with an address, kind by kind; ours that it is none',
  },
  {
    methods: ['*'],
    at: /^error\.message$/,
    why: 'too few or too many arguments: Core answers with pages of help, ours with its line of help',
  },
]

/** Pages of help begin with the method's name and its arguments, then a blank line. */
const isHelp = (method: string, theirs: unknown): boolean =>
  typeof theirs === 'string' && theirs.startsWith(method) && theirs.includes('\n\n')

export const knownAs = (method: string, { at, theirs }: Difference): KnownDifference | undefined =>
  KNOWN_DIFFERENCES.find(
    (known) =>
      known.at.test(at) &&
      (known.theirs === undefined || known.theirs.test(String(theirs))) &&
      (known.methods.includes(method) || (known.methods.includes('*') && isHelp(method, theirs))),
  )
