import type { Block, BlockRef } from '../../domain/chain/block.ts'
import { transactionId, virtualSize } from '../../domain/chain/codec.ts'
import { networkNamed } from '../../domain/chain/network.ts'
import { outPointKey, type Transaction, type TxOutput } from '../../domain/chain/transaction.ts'
import { verifyInput } from '../../domain/chain/verify-input.ts'
import { Fault } from '../../domain/fault.ts'
import { type ChainEngine, type ChainEvent, Rejected } from '../../src/chain/port.ts'
import { nativeCurve } from '../../src/curve/native.ts'

type Entry = BlockRef & { readonly block: Block }

/**
 * A chain engine without proof of work, whose network can fail as a test asks: it holds transactions to scripts, amounts, fees and double
 * spending as a node does. The embedded node runs the same tests' main path in `xencoind.test.ts`.
 */
export interface SmallChain extends ChainEngine {
  /** Every transaction that was given to it, in order, accepted or not. */
  readonly offered: string[]
  /** Until set back, every call fails as when the node is down. */
  down: boolean
  /** Mines the mempool and a coinbase to `script`. */
  block(hash: string): Promise<{ height: number; block: Block } | undefined>
  /** Takes the newest `count` blocks away; their transactions go back to the mempool, or are forgotten. */
  disconnect(count: number, fate?: 'to-mempool' | 'forgotten'): void
  forget(txid: string): void
  /** Mines exactly these, valid or not, and evicts their rivals. */
  mineExactly(transactions: readonly Transaction[], script: Uint8Array): void
}

export const smallChain = (): SmallChain => {
  const network = { ...networkNamed('regtest'), coinbaseMaturity: 2, subsidy: 1_000_000n }
  const chain: Entry[] = []
  const mempool = new Map<string, Transaction>()
  const events: ChainEvent[] = []
  const offered: string[] = []
  let serial = 0
  let wake = Promise.withResolvers<void>()
  let down = false

  const tell = (event: ChainEvent): void => {
    events.push(event)
    wake.resolve()
    wake = Promise.withResolvers()
  }
  const inChain = (): Transaction[] => chain.flatMap((entry) => entry.block.transactions)
  const unspent = (transactions: readonly Transaction[]): Map<string, TxOutput> => {
    const outputs = new Map<string, TxOutput>()
    for (const tx of transactions)
      tx.outputs.forEach((output, vout) => {
        outputs.set(outPointKey({ txid: transactionId(tx), vout }), output)
      })
    for (const tx of transactions) for (const input of tx.inputs) outputs.delete(outPointKey(input))
    return outputs
  }
  const visible = () => unspent([...inChain(), ...mempool.values()])
  const reach = (): void => {
    if (down) throw new Fault('chain.unreachable', 'down for a test')
  }

  const check = (tx: Transaction): void => {
    const outputs = visible()
    const spent = tx.inputs.map((input) => outputs.get(outPointKey(input)))
    const found = spent.filter((output) => output !== undefined)
    if (found.length < spent.length) throw new Rejected('bad-txns-inputs-missingorspent', transactionId(tx))
    const sum = (parts: readonly TxOutput[]) => parts.reduce((total, part) => total + part.value, 0n)
    if (sum(found) - sum(tx.outputs) < BigInt(virtualSize(tx)))
      throw new Rejected('min relay fee not met', transactionId(tx))
    tx.inputs.forEach((_, index) => {
      if (verifyInput(tx, index, found, nativeCurve) !== undefined)
        throw new Rejected('mandatory-script-verify-flag-failed', transactionId(tx))
    })
  }

  const coinbase = (script: Uint8Array): Transaction => ({
    version: 2,
    inputs: [{ txid: '0'.repeat(64), vout: 0xffffffff, scriptSig: new Uint8Array(4), sequence: 0, witness: [] }],
    outputs: [{ value: network.subsidy, script }],
    lockTime: ++serial,
  })

  const mineExactly = (transactions: readonly Transaction[], script: Uint8Array): void => {
    const height = chain.length
    const hash = (++serial).toString(16).padStart(64, '0')
    const previous = chain.at(-1)?.hash ?? '0'.repeat(64)
    const header = { version: 1, previous, merkleRoot: '0'.repeat(64), time: height, bits: 0, nonce: serial }
    const block = { header, transactions: [coinbase(script), ...transactions] }
    chain.push({ height, hash, block })
    for (const tx of transactions) mempool.delete(transactionId(tx))
    const taken = new Set(transactions.flatMap((tx) => tx.inputs.map(outPointKey)))
    for (const [txid, tx] of mempool) if (tx.inputs.some((input) => taken.has(outPointKey(input)))) mempool.delete(txid)
    tell({ kind: 'connected', height, hash, block })
  }

  const isActive = (event: ChainEvent): boolean =>
    event.kind !== 'connected' || chain[event.height]?.hash === event.hash

  async function* follow(
    cursor: BlockRef | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<ChainEvent, void, undefined> {
    reach()
    const known = events.filter((event) => event.kind === 'connected')
    const from = cursor === undefined ? undefined : known.find((event) => event.hash === cursor.hash)
    // All at once, before the first yield: what happens from then on is read from `events`.
    const past: ChainEvent[] = []
    let at: (typeof known)[number] | undefined = from
    while (at !== undefined && !isActive(at)) {
      past.push({ ...at, kind: 'disconnected' })
      const { previous } = at.block.header
      at = known.find((event) => event.hash === previous)
    }
    for (const entry of chain.slice(at === undefined ? 0 : at.height + 1)) past.push({ kind: 'connected', ...entry })
    const { height, hash } = chain.at(-1)!
    past.push({ kind: 'caught-up', tip: { height, hash } })
    for (const tx of mempool.values()) past.push({ kind: 'entered', tx })
    let next = events.length
    yield* past
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    while (!signal.aborted) {
      reach()
      const event = events[next]
      if (event === undefined) await Promise.race([wake.promise, aborted])
      else {
        next++
        yield event
      }
    }
  }

  mineExactly([], new Uint8Array(0))
  return {
    network,
    description: 'small chain for tests',
    offered,
    get down() {
      return down
    },
    set down(value) {
      down = value
      wake.resolve()
      wake = Promise.withResolvers()
    },
    tip: async () => {
      reach()
      const { height, hash } = chain.at(-1)!
      return { height, hash }
    },
    blockAt: async (height) => chain[height],
    block: async (hash) => chain.find((entry) => entry.hash === hash),
    spent: async () => undefined,
    transaction: async (txid) => {
      reach()
      const pooled = mempool.get(txid)
      if (pooled !== undefined) return { tx: pooled }
      for (const { height, hash, block } of chain)
        for (const tx of block.transactions) if (transactionId(tx) === txid) return { tx, block: { height, hash } }
      return undefined
    },
    output: async (point) => {
      reach()
      const output = visible().get(outPointKey(point))
      return output === undefined ? undefined : { ...output, coinbase: false }
    },
    mempool: async () => [...mempool.values()],
    broadcast: async (tx) => {
      reach()
      const txid = transactionId(tx)
      offered.push(txid)
      if (mempool.has(txid) || inChain().some((each) => transactionId(each) === txid)) return txid
      check(tx)
      mempool.set(txid, tx)
      tell({ kind: 'entered', tx })
      return txid
    },
    feeRate: async () => {
      reach()
      return 1
    },
    follow,
    mine: async (count, script) => {
      for (let i = 0; i < count; i++) mineExactly([...mempool.values()], script)
      return chain.slice(-count).map((entry) => entry.hash)
    },
    mineExactly,
    disconnect: (count, fate = 'to-mempool') => {
      for (let i = 0; i < count; i++) {
        const entry = chain.pop()!
        tell({ kind: 'disconnected', ...entry })
        if (fate === 'to-mempool')
          for (const tx of entry.block.transactions.slice(1)) mempool.set(transactionId(tx), tx)
      }
    },
    forget: (txid) => {
      mempool.delete(txid)
    },
    close: async () => {},
  }
}
