import { concat } from '../../domain/bytes.ts'
import { compactToDer } from '../../domain/chain/der.ts'
import { OP } from '../../domain/chain/opcode.ts'
import { compileScript, p2wsh, type ScriptPart } from '../../domain/chain/script.ts'
import { SIGHASH, witnessV0Digest } from '../../domain/chain/sighash.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import { curve, key } from './coins.ts'

const alice = key(1)
const uncompressed = Uint8Array.from([4, ...new Uint8Array(64).fill(1)])

/** A signature by alice for input 0, with a hash type and an extra. */
type Sign = (hashType?: number) => Uint8Array
export type BadScript = {
  readonly what: string
  readonly script: readonly ScriptPart[]
  /** Without the script itself. */
  readonly witness: (sign: Sign) => readonly Uint8Array[]
}

const bytes = (...values: number[]) => Uint8Array.from(values)
const empty = new Uint8Array()
const one = bytes(1)
const nothing = () => []

/** Witness scripts and what is given to them, each wrong in one way. */
export const BAD_SCRIPTS: readonly BadScript[] = [
  { what: 'leaves false', script: [0n], witness: nothing },
  { what: 'leaves nothing', script: [OP.NOP], witness: nothing },
  { what: 'leaves two', script: [1n, 1n], witness: nothing },
  { what: 'fails to verify', script: [0n, OP.VERIFY, 1n], witness: nothing },
  { what: 'is not equal', script: [1n, 2n, OP.EQUALVERIFY, 1n], witness: nothing },
  { what: 'is not the same number', script: [1n, 2n, OP.NUMEQUALVERIFY, 1n], witness: nothing },
  { what: 'returns', script: [OP.RETURN], witness: nothing },
  { what: 'pops an empty stack', script: [OP.DROP, 1n], witness: nothing },
  { what: 'pops an empty second stack', script: [OP.FROMALTSTACK], witness: nothing },
  { what: 'has an if without an end', script: [1n, OP.IF, 1n], witness: nothing },
  { what: 'has an end without an if', script: [1n, OP.ENDIF], witness: nothing },
  { what: 'joins strings', script: [1n, 1n, OP.CAT], witness: nothing },
  { what: 'multiplies', script: [1n, 1n, OP.MUL], witness: nothing },
  { what: 'has a reserved operation', script: [1n, OP.VER], witness: nothing },
  { what: 'has an operation that nobody knows', script: [1n, 0xf0], witness: nothing },
  { what: 'has one reserved even where it is not run', script: [1n, 0n, OP.IF, OP.VERIF, OP.ENDIF], witness: nothing },
  { what: 'has an operation that may get a meaning', script: [1n, OP.NOP10], witness: nothing },
  { what: 'adds a number of five bytes', script: [bytes(1, 2, 3, 4, 5), OP['1ADD']], witness: nothing },
  { what: 'adds a number in a long form', script: [bytes(1, 0), OP['1ADD']], witness: nothing },
  { what: 'pushes in a long form', script: [OP.PUSHDATA1, 1, OP.NOP], witness: nothing },
  { what: 'branches on two', script: [OP.IF, 1n, OP.ELSE, 1n, OP.ENDIF], witness: () => [bytes(2)] },
  { what: 'runs too many operations', script: [...Array<number>(202).fill(OP.NOP), 1n], witness: nothing },
  {
    what: 'grows the stack too much',
    script: [...Array.from({ length: 200 }, () => [1n, 1n, 1n, 1n, 1n, 1n]).flat(), 1n],
    witness: nothing,
  },
  { what: 'wants a negative lock time', script: [-1n, OP.CHECKLOCKTIMEVERIFY], witness: nothing },
  { what: 'wants a later lock time', script: [500n, OP.CHECKLOCKTIMEVERIFY], witness: nothing },
  { what: 'wants a lock time of the other kind', script: [500_000_001n, OP.CHECKLOCKTIMEVERIFY], witness: nothing },
  { what: 'wants a longer relative lock', script: [50n, OP.CHECKSEQUENCEVERIFY], witness: nothing },
  { what: 'gets no signature', script: [alice.publicKey, OP.CHECKSIG], witness: () => [empty] },
  { what: 'verifies no signature', script: [alice.publicKey, OP.CHECKSIGVERIFY, 1n], witness: () => [empty] },
  { what: 'gets a signature of another key', script: [key(2).publicKey, OP.CHECKSIG], witness: (sign) => [sign()] },
  {
    what: 'gets a signature of an unknown hash type',
    script: [alice.publicKey, OP.CHECKSIG],
    witness: (sign) => [sign(0x50)],
  },
  { what: 'gets bytes for a signature', script: [alice.publicKey, OP.CHECKSIG], witness: () => [bytes(1, 2, 3)] },
  {
    what: 'gets a signature with a tail',
    script: [alice.publicKey, OP.CHECKSIG],
    witness: (sign) => [concat(sign().subarray(0, -1), bytes(0, 1))],
  },
  { what: 'has an uncompressed key', script: [uncompressed, OP.CHECKSIG], witness: (sign) => [sign()] },
  { what: 'has bytes for a key', script: [bytes(9, 9, 9), OP.CHECKSIG], witness: (sign) => [sign()] },
  {
    what: 'gives a multisig something extra',
    script: [1n, alice.publicKey, 1n, OP.CHECKMULTISIG],
    witness: (sign) => [one, sign()],
  },
  { what: 'asks for more signatures than keys', script: [0n, 2n, 1n, OP.CHECKMULTISIG], witness: nothing },
  { what: 'asks of too many keys', script: [0n, 0n, 21n, OP.CHECKMULTISIG], witness: nothing },
  {
    what: 'verifies a multisig that is not signed',
    script: [1n, alice.publicKey, 1n, OP.CHECKMULTISIGVERIFY, 1n],
    witness: () => [empty, empty],
  },
]

export const scriptOfBad = ({ script }: BadScript): Uint8Array => compileScript(script)
export const outputOfBad = (bad: BadScript): Uint8Array => p2wsh(scriptOfBad(bad))

/** The spend of such an output: input 0 of `tx`, of `value` sats. */
export const spendBad = (bad: BadScript, tx: Transaction, value: bigint): Transaction => {
  const script = scriptOfBad(bad)
  const sign: Sign = (hashType = SIGHASH.ALL) =>
    concat(
      compactToDer(curve.signEcdsa(witnessV0Digest(tx, 0, script, value, hashType), alice.secret)),
      Uint8Array.of(hashType),
    )
  return { ...tx, inputs: tx.inputs.map((input) => ({ ...input, witness: [...bad.witness(sign), script] })) }
}
