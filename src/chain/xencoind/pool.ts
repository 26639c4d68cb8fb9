import { totalSize } from '../../../domain/chain/codec.ts'
import { type OutPoint, outPointKey, type Transaction, type TxOutput } from '../../../domain/chain/transaction.ts'

export type PoolEntry = {
  readonly tx: Transaction
  readonly txid: string
  readonly wtxid: string
  /** Sats. */
  readonly fee: bigint
  readonly vsize: number
  readonly weight: number
  /** Signature operations, as a block counts them (BIP 141). */
  readonly sigops: number
  /** Order of entry, never reused. A transaction that leaves and comes back gets a new one. */
  readonly seq: number
  /** Unix milliseconds. */
  readonly enteredAt: number
  /** Of the tip when it entered. */
  readonly height: number
}

/** The unconfirmed transactions and how they depend on each other. Keeps no rules: `admission.ts` decides what enters. */
export interface Pool {
  readonly size: number
  readonly totalVsize: number
  /** About the memory that it takes. */
  readonly usageBytes: number
  /** Of what entered last, also when it has left. */
  readonly lastSeq: number
  /** How many have left, ever. */
  readonly departures: number
  /** Those that left after so many had; undefined when it is not remembered that far back. */
  departedAfter(count: number): readonly PoolEntry[] | undefined
  get(txid: string): PoolEntry | undefined
  /** By the hash of the whole form (BIP 141). */
  withWitness(wtxid: string): PoolEntry | undefined
  /** In order of entry. */
  all(): PoolEntry[]
  /** The first that entered after `seq`. */
  after(seq: number): PoolEntry | undefined
  spender(point: OutPoint): PoolEntry | undefined
  output(point: OutPoint): TxOutput | undefined
  parents(entry: Pick<PoolEntry, 'tx'>): PoolEntry[]
  children(entry: PoolEntry): PoolEntry[]
  /** All that must be in a block before `entry`, without itself. */
  ancestors(entry: Pick<PoolEntry, 'tx'>): Map<string, PoolEntry>
  /** All that fall with `entry`, without itself. */
  descendants(entry: PoolEntry): Map<string, PoolEntry>
  add(entry: Omit<PoolEntry, 'seq'> & { seq?: number }): PoolEntry
  remove(entry: PoolEntry): void
  /** What an entry counts as paying when blocks are made: its fee and what the operator adds. */
  modifiedFee(entry: Pick<PoolEntry, 'txid' | 'fee'>): bigint
  /** Adds to what the transaction counts as paying, also before it comes; sats, may be negative. */
  prioritise(txid: string, delta: bigint): void
  priorities(): ReadonlyMap<string, bigint>
}

/** Order entries left behind by removed ones are swept when they outnumber the living by this. */
const SWEEP_SLACK = 1024

/** Departures that are remembered, at least: who is further behind compares all that it knows. */
export const REMEMBERED_DEPARTURES = 5_000

/** Wishes of the operator that are remembered. */
const MAX_PRIORITIES = 10_000

// Measured on Node 24, by what a heap grows: 3,800 bytes for one input and output, 14,900 for ten and two, 19,300 for one and fifty.
const ENTRY_BYTES = 2300
const INPUT_BYTES = 1050
const OUTPUT_BYTES = 275

/** About the memory that an entry takes. */
const entryBytes = (tx: Transaction): number =>
  ENTRY_BYTES + tx.inputs.length * INPUT_BYTES + tx.outputs.length * OUTPUT_BYTES + totalSize(tx)

export const newPool = (): Pool => {
  const entries = new Map<string, PoolEntry>()
  const byWitness = new Map<string, PoolEntry>()
  const spenders = new Map<string, PoolEntry>()
  const deltas = new Map<string, bigint>()
  let order: PoolEntry[] = []
  let departed: PoolEntry[] = []
  let forgotten = 0
  let lastSeq = 0
  let totalVsize = 0
  let usageBytes = 0

  const alive = (entry: PoolEntry) => entries.get(entry.txid) === entry
  const parents = ({ tx }: Pick<PoolEntry, 'tx'>) =>
    [...new Set(tx.inputs.map((input) => input.txid))].flatMap((txid) => entries.get(txid) ?? [])
  const children = ({ tx, txid }: PoolEntry) => [
    ...new Set(tx.outputs.flatMap((_, vout) => spenders.get(outPointKey({ txid, vout })) ?? [])),
  ]
  const closure = (first: PoolEntry[], step: (entry: PoolEntry) => PoolEntry[]) => {
    const found = new Map<string, PoolEntry>()
    const open = [...first]
    for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
      if (found.has(entry.txid)) continue
      found.set(entry.txid, entry)
      open.push(...step(entry))
    }
    return found
  }
  const firstAfter = (seq: number): number => {
    let low = 0
    let high = order.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (order[middle]!.seq <= seq) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    get size() {
      return entries.size
    },
    get totalVsize() {
      return totalVsize
    },
    get usageBytes() {
      return usageBytes
    },
    get lastSeq() {
      return lastSeq
    },
    get departures() {
      return forgotten + departed.length
    },
    departedAfter: (count) => (count < forgotten ? undefined : departed.slice(count - forgotten)),
    get: (txid) => entries.get(txid),
    withWitness: (wtxid) => byWitness.get(wtxid),
    all: () => order.filter(alive),
    after: (seq) => {
      for (let i = firstAfter(seq); i < order.length; i++) if (alive(order[i]!)) return order[i]
      return undefined
    },
    spender: (point) => spenders.get(outPointKey(point)),
    output: ({ txid, vout }) => entries.get(txid)?.tx.outputs[vout],
    parents,
    children,
    ancestors: (entry) => closure(parents(entry), parents),
    descendants: (entry) => closure(children(entry), children),
    add: ({ seq, ...rest }) => {
      lastSeq = Math.max(lastSeq + 1, seq ?? 0)
      const entry = { ...rest, seq: lastSeq }
      entries.set(entry.txid, entry)
      byWitness.set(entry.wtxid, entry)
      order.push(entry)
      for (const input of entry.tx.inputs) spenders.set(outPointKey(input), entry)
      totalVsize += entry.vsize
      usageBytes += entryBytes(entry.tx)
      return entry
    },
    remove: (entry) => {
      if (!alive(entry)) return
      entries.delete(entry.txid)
      byWitness.delete(entry.wtxid)
      for (const input of entry.tx.inputs) spenders.delete(outPointKey(input))
      totalVsize -= entry.vsize
      usageBytes -= entryBytes(entry.tx)
      departed.push(entry)
      if (departed.length >= 2 * REMEMBERED_DEPARTURES) {
        departed = departed.slice(-REMEMBERED_DEPARTURES)
        forgotten += REMEMBERED_DEPARTURES
      }
      if (order.length > entries.size * 2 + SWEEP_SLACK) order = order.filter(alive)
    },
    modifiedFee: ({ txid, fee }) => fee + (deltas.get(txid) ?? 0n),
    prioritise: (txid, delta) => {
      const sum = (deltas.get(txid) ?? 0n) + delta
      if (sum === 0n) deltas.delete(txid)
      else if (deltas.size < MAX_PRIORITIES || deltas.has(txid)) deltas.set(txid, sum)
    },
    priorities: () => deltas,
  }
}
