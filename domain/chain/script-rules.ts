/** Which checks apply: Bitcoin Core's script verification flags (script/interpreter.h), one field each. */
export type ScriptRules = {
  /** P2SH (BIP 16): a script hash's last push is a script and runs. */
  readonly p2sh: boolean
  /** WITNESS (BIP 141). */
  readonly witness: boolean
  /** TAPROOT (BIP 341, 342). */
  readonly taproot: boolean
  /** DERSIG (BIP 66). */
  readonly strictDer: boolean
  /** STRICTENC: known hash types, keys of known form. */
  readonly strictEncoding: boolean
  /** LOW_S (BIP 62 rule 5). */
  readonly lowS: boolean
  /** NULLDUMMY (BIP 147). */
  readonly nullDummy: boolean
  /** SIGPUSHONLY (BIP 62 rule 2). */
  readonly pushOnly: boolean
  /** MINIMALDATA (BIP 62 rules 3 and 4). */
  readonly minimalData: boolean
  /** CLEANSTACK (BIP 62 rule 6); only together with `p2sh` and `witness`. */
  readonly cleanStack: boolean
  /** MINIMALIF: in segwit v0; in tapscript it is law. */
  readonly minimalIf: boolean
  /** NULLFAIL (BIP 146). */
  readonly nullFail: boolean
  /** WITNESS_PUBKEYTYPE: compressed keys only, in segwit v0. */
  readonly compressedKeys: boolean
  /** CONST_SCRIPTCODE: no CODESEPARATOR and no signature found in the script that it signs, before segwit. */
  readonly constScriptCode: boolean
  /** CHECKLOCKTIMEVERIFY (BIP 65). */
  readonly lockTime: boolean
  /** CHECKSEQUENCEVERIFY (BIP 112). */
  readonly sequence: boolean
  /** DISCOURAGE_UPGRADABLE_NOPS. */
  readonly discourageNops: boolean
  /** DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM. */
  readonly discourageWitnessProgram: boolean
  /** DISCOURAGE_UPGRADABLE_TAPROOT_VERSION. */
  readonly discourageLeafVersion: boolean
  /** DISCOURAGE_OP_SUCCESS. */
  readonly discourageSuccess: boolean
  /** DISCOURAGE_UPGRADABLE_PUBKEYTYPE. */
  readonly discourageKeyType: boolean
}

/** What a block must keep: less than policy, or this node would fork from others by being strict. */
export const CONSENSUS_RULES: ScriptRules = {
  p2sh: true,
  witness: true,
  taproot: true,
  strictDer: true,
  strictEncoding: false,
  lowS: false,
  nullDummy: true,
  pushOnly: false,
  minimalData: false,
  cleanStack: false,
  minimalIf: false,
  nullFail: false,
  compressedKeys: false,
  constScriptCode: false,
  lockTime: true,
  sequence: true,
  discourageNops: false,
  discourageWitnessProgram: false,
  discourageLeafVersion: false,
  discourageSuccess: false,
  discourageKeyType: false,
}

/** What a transaction must keep to be relayed and mined here (Bitcoin Core policy/policy.h, STANDARD_SCRIPT_VERIFY_FLAGS). */
export const STANDARD_RULES: ScriptRules = {
  ...CONSENSUS_RULES,
  strictEncoding: true,
  lowS: true,
  minimalData: true,
  cleanStack: true,
  minimalIf: true,
  nullFail: true,
  compressedKeys: true,
  constScriptCode: true,
  discourageNops: true,
  discourageWitnessProgram: true,
  discourageLeafVersion: true,
  discourageSuccess: true,
  discourageKeyType: true,
}
