import { transactionWeight } from '../../../domain/chain/codec.ts'
import { OP } from '../../../domain/chain/opcode.ts'
import {
  isP2pkh,
  isP2sh,
  isPushOnly,
  isUnspendable,
  parseScript,
  witnessProgram,
} from '../../../domain/chain/script.ts'
import type { Transaction, TxOutput } from '../../../domain/chain/transaction.ts'

// What a node relays: Bitcoin Core's policy (src/policy/policy.h), so that what is accepted here is accepted there.

/** Sats per virtual byte. */
export const MIN_RELAY_FEE_RATE = 1n
/** What a replacement, or a place in a full mempool, must pay above what it takes away; sats per virtual byte. */
export const INCREMENTAL_FEE_RATE = 1n
/** Sats per virtual byte at which spending an output would cost more than it holds. */
export const DUST_RELAY_FEE_RATE = 3n
/** BIP 431: the newest version that is relayed, and the one of small families. */
export const TRUC_VERSION = 3
export const MAX_STANDARD_WEIGHT = 400_000
/** Smaller ones could be taken for an inner node of a merkle tree. */
export const MIN_STANDARD_STRIPPED_BYTES = 65
export const MAX_STANDARD_SCRIPTSIG_BYTES = 1650
/** OP_RETURN, push opcode(s) and 80 bytes of data. */
export const MAX_DATA_CARRIER_BYTES = 83
/** Keys of a multisig that stands in an output itself. */
export const MAX_BARE_MULTISIG_KEYS = 3

export type OutputKind = 'pubkey' | 'pubkeyhash' | 'multisig' | 'scripthash' | 'witness' | 'nulldata' | 'nonstandard'

export const outputKind = (script: Uint8Array): OutputKind => {
  const program = witnessProgram(script)
  if (program?.version === 0 && program.program.length !== 20 && program.program.length !== 32) return 'nonstandard'
  if (program !== undefined) return 'witness'
  if (isP2sh(script)) return 'scripthash'
  if (script[0] === OP.RETURN) return isPushOnly(script.subarray(1)) ? 'nulldata' : 'nonstandard'
  if (isP2pkh(script)) return 'pubkeyhash'
  if (isPubkey(script)) return 'pubkey'
  return isMultisig(script) ? 'multisig' : 'nonstandard'
}

/** The least that an output of this script must hold: 294 sats for P2WPKH, 330 for P2WSH, 546 for P2PKH. */
export const dustLimit = ({ script }: Pick<TxOutput, 'script'>): bigint => {
  if (isUnspendable(script)) return 0n
  const outputBytes = 8 + (script.length < 0xfd ? 1 : 3) + script.length
  const spendBytes = witnessProgram(script) === undefined ? 148 : 67
  return BigInt(outputBytes + spendBytes) * DUST_RELAY_FEE_RATE
}

/** Why a node would not relay this transaction, by its own form alone; in Core's words. */
export const nonStandard = (tx: Transaction): string | undefined => {
  if (tx.version < 1 || tx.version > TRUC_VERSION) return 'version'
  if (transactionWeight(tx) > MAX_STANDARD_WEIGHT) return 'tx-size'
  for (const { scriptSig } of tx.inputs) {
    if (scriptSig.length > MAX_STANDARD_SCRIPTSIG_BYTES) return 'scriptsig-size'
    if (!isPushOnly(scriptSig)) return 'scriptsig-not-pushonly'
  }
  const kinds = tx.outputs.map(({ script }) => outputKind(script))
  if (kinds.includes('nonstandard')) return 'scriptpubkey'
  if (kinds.some((kind, i) => kind === 'nulldata' && tx.outputs[i]!.script.length > MAX_DATA_CARRIER_BYTES))
    return 'scriptpubkey'
  if (kinds.filter((kind) => kind === 'nulldata').length > 1) return 'multi-op-return'
  // One may be: it is asked for when the fee is known.
  return tx.outputs.filter((output) => output.value < dustLimit(output)).length > 1 ? 'dust' : undefined
}

/** BIP 125: says of itself that it may be replaced. */
export const signalsReplacement = (tx: Transaction): boolean => tx.inputs.some(({ sequence }) => sequence <= 0xfffffffd)

/** Sats that must be paid at least. */
export const minRelayFee = (vsize: number): bigint => BigInt(vsize) * MIN_RELAY_FEE_RATE

/** Sats per virtual byte, for people and estimates. */
export const feeRateOf = ({ fee, vsize }: { fee: bigint; vsize: number }): number => Number(fee) / vsize

const isPubkey = (script: Uint8Array): boolean =>
  (script.length === 35 || script.length === 67) &&
  script[0] === script.length - 2 &&
  script[script.length - 1] === OP.CHECKSIG

/** `m key… n CHECKMULTISIG`. */
const isMultisig = (script: Uint8Array): boolean => {
  if (script.at(-1) !== OP.CHECKMULTISIG || !isPushOnly(script.subarray(0, -1))) return false
  const [first, ...rest] = parseScript(script.subarray(0, -1))
  const last = rest.pop()
  const count = (op: number | undefined) => (op !== undefined && op >= OP[1] && op <= OP[16] ? op - OP.RESERVED : 0)
  const needed = count(first?.op)
  const keys = count(last?.op)
  if (needed === 0 || needed > keys || keys > MAX_BARE_MULTISIG_KEYS || rest.length !== keys) return false
  return rest.every(({ data }) => data?.length === 33 || data?.length === 65)
}
