import { utf8ToBytes } from '@noble/hashes/utils.js'
import { concat, fromHex } from '../../../domain/bytes.ts'
import { transactionId } from '../../../domain/chain/codec.ts'
import { ZERO_HASH } from '../../../domain/chain/display-hash.ts'
import { OP } from '../../../domain/chain/opcode.ts'
import { compileScript } from '../../../domain/chain/script.ts'
import { CONSENSUS_RULES, type ScriptRules } from '../../../domain/chain/script-rules.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'

const NAMES: Record<string, number> = Object.fromEntries([
  ...Object.entries(OP),
  ...['NOP4', 'NOP5', 'NOP6', 'NOP7', 'NOP8', 'NOP9', 'NOP10'].map((name, i) => [name, OP.NOP4 + i]),
  ['CHECKLOCKTIMEVERIFY', OP.CHECKLOCKTIMEVERIFY],
  ['NOP2', OP.CHECKLOCKTIMEVERIFY],
  ['NOP3', OP.CHECKSEQUENCEVERIFY],
])

/** The text form of Bitcoin Core's vectors (core_io.cpp, ParseScript): numbers, 0xraw, 'text', opcode names. */
export const assemble = (text: string): Uint8Array =>
  concat(
    ...text
      .split(/\s+/)
      .filter((word) => word !== '')
      .map((word) => {
        if (/^-?\d+$/.test(word)) return compileScript([BigInt(word)])
        if (word.startsWith('0x')) return fromHex(word.slice(2))
        if (word.startsWith("'")) return compileScript([utf8ToBytes(word.slice(1, -1))])
        const op = NAMES[word.replace(/^OP_/, '')]
        if (op === undefined) throw new Error(`not in the vectors' language: ${word}`)
        return Uint8Array.of(op)
      }),
  )

/** The pair of transactions around which Core's script vectors are built (test/util/transaction_utils.cpp). */
export const creditAndSpend = (
  scriptPubKey: Uint8Array,
  scriptSig: Uint8Array,
  witness: Uint8Array[],
  value: bigint,
): { credit: Transaction; spend: Transaction } => {
  const credit: Transaction = {
    version: 1,
    inputs: [{ txid: ZERO_HASH, vout: 0xffffffff, scriptSig: Uint8Array.of(0, 0), sequence: 0xffffffff, witness: [] }],
    outputs: [{ value, script: scriptPubKey }],
    lockTime: 0,
  }
  const spend: Transaction = {
    version: 1,
    inputs: [{ txid: transactionId(credit), vout: 0, scriptSig, sequence: 0xffffffff, witness }],
    outputs: [{ value, script: new Uint8Array(0) }],
    lockTime: 0,
  }
  return { credit, spend }
}

/** Bitcoin Core's name of each rule. */
const FLAG: Record<keyof ScriptRules, string> = {
  p2sh: 'P2SH',
  witness: 'WITNESS',
  taproot: 'TAPROOT',
  strictDer: 'DERSIG',
  strictEncoding: 'STRICTENC',
  lowS: 'LOW_S',
  nullDummy: 'NULLDUMMY',
  pushOnly: 'SIGPUSHONLY',
  minimalData: 'MINIMALDATA',
  cleanStack: 'CLEANSTACK',
  minimalIf: 'MINIMALIF',
  nullFail: 'NULLFAIL',
  compressedKeys: 'WITNESS_PUBKEYTYPE',
  constScriptCode: 'CONST_SCRIPTCODE',
  lockTime: 'CHECKLOCKTIMEVERIFY',
  sequence: 'CHECKSEQUENCEVERIFY',
  discourageNops: 'DISCOURAGE_UPGRADABLE_NOPS',
  discourageWitnessProgram: 'DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM',
  discourageLeafVersion: 'DISCOURAGE_UPGRADABLE_TAPROOT_VERSION',
  discourageSuccess: 'DISCOURAGE_OP_SUCCESS',
  discourageKeyType: 'DISCOURAGE_UPGRADABLE_PUBKEYTYPE',
}

/** The rules that a vector's list of flags turns on, and no others. @throws when it names one that is not known */
export const rulesOf = (flags: string): ScriptRules => {
  const set = new Set(flags.split(',').filter((flag) => flag !== '' && flag !== 'NONE'))
  const rules: Record<keyof ScriptRules, boolean> = { ...CONSENSUS_RULES }
  for (const [field, flag] of Object.entries(FLAG)) rules[field as keyof ScriptRules] = set.delete(flag)
  if (set.size > 0) throw new Error(`unknown flags: ${[...set].join()}`)
  return rules
}
