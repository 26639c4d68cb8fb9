/** Why a spend is not allowed, in Bitcoin Core's words (script/script_error.h, without `SCRIPT_ERR_`). */
export type ScriptError =
  | 'EVAL_FALSE'
  | 'OP_RETURN'
  | 'SCRIPT_SIZE'
  | 'PUSH_SIZE'
  | 'OP_COUNT'
  | 'STACK_SIZE'
  | 'SIG_COUNT'
  | 'PUBKEY_COUNT'
  | 'VERIFY'
  | 'EQUALVERIFY'
  | 'CHECKMULTISIGVERIFY'
  | 'CHECKSIGVERIFY'
  | 'NUMEQUALVERIFY'
  | 'BAD_OPCODE'
  | 'DISABLED_OPCODE'
  | 'INVALID_STACK_OPERATION'
  | 'INVALID_ALTSTACK_OPERATION'
  | 'UNBALANCED_CONDITIONAL'
  | 'NEGATIVE_LOCKTIME'
  | 'UNSATISFIED_LOCKTIME'
  | 'SIG_HASHTYPE'
  | 'SIG_DER'
  | 'MINIMALDATA'
  | 'SIG_HIGH_S'
  | 'SIG_NULLDUMMY'
  | 'PUBKEYTYPE'
  | 'CLEANSTACK'
  | 'MINIMALIF'
  | 'NULLFAIL'
  | 'DISCOURAGE_UPGRADABLE_NOPS'
  | 'DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM'
  | 'WITNESS_PROGRAM_WRONG_LENGTH'
  | 'WITNESS_PROGRAM_WITNESS_EMPTY'
  | 'WITNESS_PROGRAM_MISMATCH'
  | 'WITNESS_MALLEATED'
  | 'WITNESS_UNEXPECTED'
  | 'WITNESS_PUBKEYTYPE'
  /** A script number too long or not shortest; the vectors call it UNKNOWN_ERROR, Core since 29 SCRIPTNUM. */
  | 'SCRIPTNUM'
  // Not Bitcoin Core's: this node refuses what it cannot yet check, rather than let it pass.
  | 'UNSUPPORTED_LEGACY'
  | 'UNSUPPORTED_P2SH'
  | 'UNSUPPORTED_TAPROOT'
  | 'UNSUPPORTED_WITNESS_VERSION'

/** Ends a script from inside; only the interpreter throws and catches it. */
export class ScriptFailure extends Error {
  readonly code: ScriptError
  constructor(code: ScriptError) {
    super(code)
    this.name = 'ScriptFailure'
    this.code = code
  }
}

export const fail = (code: ScriptError): never => {
  throw new ScriptFailure(code)
}

/** Which checks apply (Bitcoin Core's script verification flags). */
export type ScriptRules = {
  /** DERSIG (BIP 66). */
  readonly strictDer: boolean
  /** STRICTENC: known hash types, keys of known form. */
  readonly strictEncoding: boolean
  /** LOW_S (BIP 62 rule 5). */
  readonly lowS: boolean
  /** NULLDUMMY (BIP 147). */
  readonly nullDummy: boolean
  /** MINIMALDATA (BIP 62 rules 3 and 4). */
  readonly minimalData: boolean
  /** MINIMALIF. */
  readonly minimalIf: boolean
  /** NULLFAIL (BIP 146). */
  readonly nullFail: boolean
  /** WITNESS_PUBKEYTYPE: compressed keys only. */
  readonly compressedKeys: boolean
  /** CHECKLOCKTIMEVERIFY (BIP 65). */
  readonly lockTime: boolean
  /** CHECKSEQUENCEVERIFY (BIP 112). */
  readonly sequence: boolean
  /** DISCOURAGE_UPGRADABLE_NOPS. */
  readonly discourageNops: boolean
}

/** What a block must keep: less than policy, or this node would fork from others by being strict. */
export const CONSENSUS_RULES: ScriptRules = {
  strictDer: true,
  strictEncoding: false,
  lowS: false,
  nullDummy: true,
  minimalData: false,
  minimalIf: false,
  nullFail: false,
  compressedKeys: false,
  lockTime: true,
  sequence: true,
  discourageNops: false,
}

/** What a transaction must keep to be relayed and mined here (Bitcoin Core policy/policy.h, STANDARD_SCRIPT_VERIFY_FLAGS). */
export const STANDARD_RULES: ScriptRules = {
  strictDer: true,
  strictEncoding: true,
  lowS: true,
  nullDummy: true,
  minimalData: true,
  minimalIf: true,
  nullFail: true,
  compressedKeys: true,
  lockTime: true,
  sequence: true,
  discourageNops: true,
}
