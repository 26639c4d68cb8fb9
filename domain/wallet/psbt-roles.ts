import { equal } from '../bytes.ts'
import type { Curve } from '../chain/curve.ts'
import { compactToDer } from '../chain/der.ts'
import { hash160 } from '../chain/hash.ts'
import { p2pkh, p2wpkh } from '../chain/script.ts'
import { SIGHASH, witnessV0Digest } from '../chain/sighash.ts'
import type { Transaction, TxOutput } from '../chain/transaction.ts'
import { verifyInput } from '../chain/verify-input.ts'
import { Fault } from '../fault.ts'
import { entriesOf, outputValue, PSBT, type Psbt, readWitness, spentOutput, withEntries, witnessValue } from './psbt.ts'
import { bad, keyOf, type PsbtMap } from './psbt-map.ts'
import type { SigningKey } from './sign.ts'

/** Where a key comes from (BIP 32): 4 bytes of the master key's fingerprint, and the path, hardened steps above 2^31. */
export type KeyOrigin = {
  readonly publicKey: Uint8Array
  readonly fingerprint: Uint8Array
  readonly path: readonly number[]
}

/** The unsigned transaction with what a signer has to know: what each input spends, and whose keys are in it. */
export const createPsbt = (
  tx: Transaction,
  spent: readonly { readonly output: TxOutput; readonly origin: KeyOrigin }[],
  changeOrigins: ReadonlyMap<number, KeyOrigin>,
  version: Psbt['version'] = 0,
): Psbt => ({
  version,
  tx,
  global: new Map(),
  inputs: spent.map(
    ({ output, origin }) =>
      new Map([
        [keyOf(PSBT.input.witnessUtxo), outputValue(output)],
        [keyOf(PSBT.input.derivation, origin.publicKey), originValue(origin)],
      ]),
  ),
  outputs: tx.outputs.map((_, vout) => {
    const origin = changeOrigins.get(vout)
    return origin === undefined
      ? new Map()
      : new Map([[keyOf(PSBT.output.derivation, origin.publicKey), originValue(origin)]])
  }),
})

/**
 * Signs the P2WPKH inputs that `keyOf` has keys for, and only with `SIGHASH_ALL`; what is final is left alone.
 *
 * @param keyFor by the input and what it says it spends; throws when that is a lie
 * @returns how many inputs were signed beside the PSBT
 * @throws Fault `wallet.bad-psbt` when one of them asks for another hash type
 */
export const signPsbt = (
  psbt: Psbt,
  keyFor: (index: number, spent: TxOutput) => SigningKey | undefined,
  curve: Curve,
): { readonly psbt: Psbt; readonly signed: number } => {
  let signed = 0
  const inputs = psbt.inputs.map((map, index): PsbtMap => {
    const spent = spentOutput(psbt, index)
    const key = spent && !isFinalInput(map) ? keyFor(index, spent) : undefined
    if (spent === undefined || key === undefined || !paysTo(spent, key.publicKey)) return map
    const asked = map.get(keyOf(PSBT.input.sighashType))
    if (asked !== undefined && !equal(asked, Uint8Array.of(SIGHASH.ALL, 0, 0, 0)))
      throw bad(`input ${index} asks for a signature that others could use for something else`)
    const digest = witnessV0Digest(psbt.tx, index, p2pkh(hash160(key.publicKey)), spent.value, SIGHASH.ALL)
    const signature = Uint8Array.from([...compactToDer(curve.signEcdsa(digest, key.secret)), SIGHASH.ALL])
    signed++
    return withEntries(map, [[keyOf(PSBT.input.partialSig, key.publicKey), signature]])
  })
  // A signature under everything allows no more changes (BIP 370).
  const { global } = psbt
  const fixed = signed > 0 && global.has(MODIFIABLE) ? new Map([...global, [MODIFIABLE, Uint8Array.of(0)]]) : global
  return { psbt: { ...psbt, global: fixed, inputs }, signed }
}

/** Global key of version 2: whether inputs and outputs may still be added. */
const MODIFIABLE = keyOf(0x06)

/** Makes the witness of each P2WPKH input that is signed, and drops what was only needed for that. */
export const finalizePsbt = (psbt: Psbt): Psbt => ({
  ...psbt,
  inputs: psbt.inputs.map((map, index) => {
    const spent = spentOutput(psbt, index)
    const found =
      spent && !isFinalInput(map)
        ? entriesOf(map, PSBT.input.partialSig).find(({ data }) => paysTo(spent, data))
        : undefined
    if (found === undefined) return map
    const kept = [...map].filter(([key]) => !SIGNING_ONLY.some((type) => key.startsWith(keyOf(type))))
    return new Map([...kept, [keyOf(PSBT.input.finalWitness), witnessValue([found.value, found.data])]])
  }),
})

const SIGNING_ONLY = [PSBT.input.partialSig, PSBT.input.sighashType, PSBT.input.derivation]

/**
 * The signed transaction, each input checked against what it says it spends.
 *
 * @throws Fault `wallet.psbt-incomplete` when an input lacks its witness, or has a wrong one
 */
export const extractTransaction = (psbt: Psbt, curve: Curve): Transaction => {
  const tx = {
    ...psbt.tx,
    inputs: psbt.tx.inputs.map((input, index) => {
      const map = psbt.inputs[index]!
      const witness = map.get(keyOf(PSBT.input.finalWitness))
      const scriptSig = map.get(keyOf(PSBT.input.finalScriptSig)) ?? input.scriptSig
      return { ...input, scriptSig, witness: witness === undefined ? [] : readWitness(witness) }
    }),
  }
  const spent = tx.inputs.map((_, index) => spentOutput(psbt, index))
  const missing = spent.indexOf(undefined)
  if (missing >= 0) throw incomplete(missing, 'it does not say what it spends')
  for (const index of tx.inputs.keys()) {
    const error = verifyInput(tx, index, spent as TxOutput[], curve)
    if (error !== undefined) throw incomplete(index, error)
  }
  return tx
}

const paysTo = ({ script }: TxOutput, publicKey: Uint8Array): boolean => equal(script, p2wpkh(hash160(publicKey)))

/** Whether somebody signed the input, or it is final. */
export const isSigned = ({ inputs }: Psbt, index: number): boolean =>
  isFinalInput(inputs[index]!) || entriesOf(inputs[index]!, PSBT.input.partialSig).length > 0

const isFinalInput = (map: PsbtMap): boolean =>
  map.has(keyOf(PSBT.input.finalWitness)) || map.has(keyOf(PSBT.input.finalScriptSig))

const originValue = ({ fingerprint, path }: KeyOrigin): Uint8Array => {
  const value = new Uint8Array(4 + 4 * path.length)
  value.set(fingerprint)
  const view = new DataView(value.buffer)
  for (const [i, step] of path.entries()) view.setUint32(4 + 4 * i, step, true)
  return value
}

const incomplete = (index: number, why: string): Fault =>
  new Fault('wallet.psbt-incomplete', `input ${index} is not signed as it must be: ${why}`, {
    culprit: 'you',
    next: 'Have it signed by whoever has the key of that input, and combine what comes back.',
  })
