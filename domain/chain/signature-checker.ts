import { equal } from '../bytes.ts'
import type { Curve } from './curve.ts'
import { laxDerToCompact, withLowS } from './der.ts'
import { meetsLockTime, meetsSequence } from './locktime.ts'
import type { ScriptError } from './script-error.ts'
import type { ScriptChecker } from './script-machine.ts'
import { type DigestCache, SIGHASH, witnessV0Digest } from './sighash.ts'
import { legacyDigest } from './sighash-legacy.ts'
import { type LeafSigned, taprootDigest } from './sighash-taproot.ts'
import type { EcdsaVersion } from './signature-operation.ts'
import type { Transaction, TxOutput } from './transaction.ts'

export type CheckedInput = {
  readonly tx: Transaction
  readonly index: number
  /** What each input spends, in order. */
  readonly spent: readonly TxOutput[]
  readonly curve: Curve
  /** Shared by all inputs of one transaction. */
  readonly cache: DigestCache
  readonly annex?: Uint8Array | undefined
}

type Asked = { scriptCode: Uint8Array; hashType: number; version: EcdsaVersion; digest: Uint8Array }

/** What a script may ask about the input that runs it. */
export const signatureChecker = (input: CheckedInput): ScriptChecker => {
  const { tx, index, spent, curve, cache } = input
  // A multisig asks about the same signature with one key after another: the digest is the same.
  let last: Asked | undefined
  const digestOf = (scriptCode: Uint8Array, hashType: number, version: EcdsaVersion): Uint8Array => {
    if (last?.hashType === hashType && last.version === version && equal(last.scriptCode, scriptCode))
      return last.digest
    const digest =
      version === 'base'
        ? legacyDigest(tx, index, scriptCode, hashType)
        : witnessV0Digest(tx, index, scriptCode, (spent[index] as TxOutput).value, hashType, cache)
    last = { scriptCode, hashType, version, digest }
    return digest
  }
  return {
    checkSignature(signature, publicKey, scriptCode, version) {
      const hashType = signature.at(-1)
      const compact = laxDerToCompact(signature.subarray(0, -1))
      if (hashType === undefined || compact === undefined) return false
      // Law lets a high s pass (policy does not), and the curve refuses it: its low twin is the same statement.
      return curve.verifyEcdsa(withLowS(compact), digestOf(scriptCode, hashType, version), publicKey)
    },
    checkSchnorr: (signature, publicKey, leaf) => checkSchnorr(input, signature, publicKey, leaf),
    checkLockTime: (lockTime) => meetsLockTime(tx, index, lockTime),
    checkSequence: (sequence) => meetsSequence(tx, index, sequence),
  }
}

const checkSchnorr = (
  { tx, index, spent, curve, cache, annex }: CheckedInput,
  signature: Uint8Array,
  publicKey: Uint8Array,
  leaf: LeafSigned | undefined,
): ScriptError | undefined => {
  if (signature.length !== 64 && signature.length !== 65) return 'SCHNORR_SIG_SIZE'
  const hashType = signature[64] ?? SIGHASH.DEFAULT
  // "Default" is said by leaving the byte out.
  if (signature.length === 65 && hashType === SIGHASH.DEFAULT) return 'SCHNORR_SIG_HASHTYPE'
  const digest = taprootDigest(tx, index, hashType, { spent, annex, leaf, cache })
  if (digest === undefined) return 'SCHNORR_SIG_HASHTYPE'
  return curve.verifySchnorr(signature.subarray(0, 64), digest, publicKey) ? undefined : 'SCHNORR_SIG'
}
