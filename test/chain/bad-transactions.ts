import { ZERO_HASH } from '../../domain/chain/display-hash.ts'
import { OP } from '../../domain/chain/opcode.ts'
import { compileScript, nullData } from '../../domain/chain/script.ts'
import type { Transaction, TxInput, TxOutput } from '../../domain/chain/transaction.ts'
import { type Key, key, type OwnCoin, pay, spend } from './coins.ts'

const alice = key(1)
const bob = key(2)

/** What a bad transaction is made of. */
export type Making = {
  /** A ripe coin of alice that nothing else spends. */
  readonly coin: OwnCoin
  /** One that is too young. */
  readonly young: OwnCoin
  /** Spent in a block. */
  readonly spent: OwnCoin
  /** Pays to a script that is not standard. */
  readonly odd: OwnCoin
  readonly height: number
}
export type BadTransaction = { readonly what: string; readonly make: (making: Making) => Transaction }

const MAX_MONEY = 2_100_000_000_000_000n
const NULL_INPUT: TxInput = { txid: ZERO_HASH, vout: 0xffffffff, scriptSig: new Uint8Array(), sequence: 0, witness: [] }

const to = (value: bigint, owner: Key = bob): TxOutput => ({ value, script: owner.script })
const paying = (script: Uint8Array) => (making: Making) => outputs(making, [{ value: 10_000n, script }])
/** These outputs, and the rest but a fee back to alice. */
const outputs = ({ coin }: Making, more: TxOutput[], fee = 20_000n): Transaction =>
  spend({ from: [coin], to: [...more, to(coin.value - more.reduce((sum, { value }) => sum + value, fee), alice)] })
const withInput = (tx: Transaction, change: (input: TxInput) => TxInput): Transaction => ({
  ...tx,
  inputs: tx.inputs.map(change),
})
/** A witness program of that version. */
const program = (version: number, bytes: number) => compileScript([BigInt(version), new Uint8Array(bytes).fill(7)])

/** Transactions, each wrong in one way. */
export const BAD_TRANSACTIONS: readonly BadTransaction[] = [
  { what: 'no outputs', make: ({ coin }) => spend({ from: [coin], to: [] }) },
  { what: 'more than all coins', make: ({ coin }) => spend({ from: [coin], to: [to(MAX_MONEY + 1n)] }) },
  { what: 'a negative output', make: ({ coin }) => spend({ from: [coin], to: [to(-1n)] }) },
  { what: 'more than all coins together', make: ({ coin }) => spend({ from: [coin], to: [to(MAX_MONEY), to(1n)] }) },
  { what: 'an input twice', make: ({ coin }) => spend({ from: [coin, coin], to: [to(1000n)] }) },
  {
    what: 'a coinbase',
    make: () => ({ ...pay({ ...alice0 }, bob), inputs: [{ ...NULL_INPUT, scriptSig: bytes(2) }] }),
  },
  { what: 'a coinbase without a script', make: () => ({ ...pay({ ...alice0 }, bob), inputs: [NULL_INPUT] }) },
  {
    what: 'a coinbase with a long script',
    make: () => ({ ...pay({ ...alice0 }, bob), inputs: [{ ...NULL_INPUT, scriptSig: bytes(101) }] }),
  },
  {
    what: 'an input of nothing beside another',
    make: ({ coin }) => {
      const tx = pay(coin, bob)
      return { ...tx, inputs: [...tx.inputs, NULL_INPUT] }
    },
  },
  {
    what: 'more bytes than a block',
    make: (making) => outputs(making, Array<TxOutput>(33_000).fill(to(1000n)), 100_000_000n),
  },
  { what: 'version 0', make: ({ coin }) => ({ ...pay(coin, bob), version: 0 }) },
  { what: 'version 4', make: ({ coin }) => ({ ...pay(coin, bob), version: 4 }) },
  { what: 'the last version', make: ({ coin }) => ({ ...pay(coin, bob), version: 0xffffffff }) },
  { what: 'too much weight', make: (making) => outputs(making, Array<TxOutput>(3300).fill(to(1000n)), 10_000_000n) },
  {
    what: 'a long input script',
    make: ({ coin }) => withInput(pay(coin, bob), (i) => ({ ...i, scriptSig: bytes(1651) })),
  },
  {
    what: 'an input script that does something',
    make: ({ coin }) => withInput(pay(coin, bob), (i) => ({ ...i, scriptSig: Uint8Array.of(OP.NOP) })),
  },
  {
    what: 'an input script where none may be',
    make: ({ coin }) => withInput(pay(coin, bob), (i) => ({ ...i, scriptSig: Uint8Array.of(OP[1]) })),
  },
  { what: 'an output for anyone', make: paying(compileScript([1n])) },
  { what: 'an empty output script', make: paying(new Uint8Array()) },
  { what: 'a broken output script', make: paying(Uint8Array.of(5, 1)) },
  { what: 'a version 0 program of 25 bytes', make: paying(program(0, 25)) },
  { what: '81 bytes of data', make: (making) => outputs(making, [{ value: 0n, script: nullData(bytes(81)) }]) },
  {
    what: 'data twice',
    make: (making) =>
      outputs(
        making,
        [1, 2].map((n) => ({ value: 0n, script: nullData(bytes(n)) })),
      ),
  },
  { what: 'dust for a key', make: (making) => outputs(making, [to(293n)]) },
  { what: 'dust for a script', make: (making) => outputs(making, [{ value: 329n, script: program(0, 32) }]) },
  { what: 'dust twice', make: (making) => outputs(making, [to(293n), to(1n)]) },
  {
    what: 'too few bytes',
    make: ({ coin }) => spend({ from: [coin], to: [{ value: coin.value - 1000n, script: program(1, 2) }] }),
  },
  {
    what: 'a lock until a later block',
    make: ({ coin, height }) => spend({ from: [coin], to: [to(coin.value - 1000n)], lockTime: height + 2 }),
  },
  {
    what: 'a lock until a later time',
    make: ({ coin }) => spend({ from: [coin], to: [to(coin.value - 1000n)], lockTime: 0xffffffff }),
  },
  { what: 'an input that never was', make: ({ coin }) => pay({ ...coin, txid: '22'.repeat(32) }, bob) },
  { what: 'an output that the transaction has not', make: ({ coin }) => pay({ ...coin, vout: 7 }, bob) },
  { what: 'an input that was spent', make: ({ spent }) => pay(spent, alice, 777n) },
  { what: 'a young coinbase', make: ({ young }) => pay(young, bob) },
  { what: 'more out than in', make: ({ coin }) => pay(coin, bob, -1n) },
  {
    what: 'a relative lock in blocks',
    make: ({ coin }) => spend({ from: [coin], to: [to(coin.value - 1000n)], sequence: 5000 }),
  },
  {
    what: 'a relative lock in time',
    make: ({ coin }) => spend({ from: [coin], to: [to(coin.value - 1000n)], sequence: 0x0040ffff }),
  },
  { what: 'a spend of what is not standard', make: ({ odd }) => pay(odd, bob) },
  { what: 'no fee', make: ({ coin }) => pay(coin, bob, 0n) },
  // Below a satoshi a virtual byte whatever length the signature has: 109 to 110 bytes.
  { what: 'too small a fee', make: ({ coin }) => pay(coin, bob, 100n) },
  { what: 'no witness', make: ({ coin }) => withInput(pay(coin, bob), (i) => ({ ...i, witness: [] })) },
  {
    what: 'too much witness',
    make: ({ coin }) => withInput(pay(coin, bob), (i) => ({ ...i, witness: [bytes(1), ...i.witness] })),
  },
  {
    what: 'the key of another',
    make: ({ coin }) => withInput(pay(coin, bob), (i) => ({ ...i, witness: [i.witness[0]!, bob.publicKey] })),
  },
  {
    what: 'the signature of another',
    make: ({ coin }) => pay({ ...coin, owner: { ...alice, secret: bob.secret } }, bob),
  },
  {
    what: 'a signature for another output',
    make: ({ coin }) => ({ ...pay(coin, bob), outputs: [to(coin.value - 1000n, alice)] }),
  },
]

/** Not read: the inputs are put in afterwards. */
const alice0: OwnCoin = { txid: '33'.repeat(32), vout: 0, value: 10_000n, owner: alice }

function bytes(count: number): Uint8Array {
  return new Uint8Array(count).fill(1)
}
