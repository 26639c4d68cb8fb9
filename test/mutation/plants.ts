/** A bug planted in the law: `find`, which stands once in the file, becomes `replace`. */
export type Plant = { readonly file: string; readonly find: string; readonly replace: string }

const plant =
  (file: string) =>
  (find: string, replace: string): Plant => ({ file: `domain/chain/${file}.ts`, find, replace })

const interpreter = plant('interpreter')
const operation = plant('script-operation')
const machine = plant('script-machine')
const signatures = plant('signature-operation')
const checker = plant('signature-checker')
const verify = plant('verify-input')
const witness = plant('verify-witness')
const tapscript = plant('tapscript')
const taproot = plant('taproot')
const legacy = plant('sighash-legacy')
const segwit = plant('sighash')
const schnorr = plant('sighash-taproot')
const der = plant('der')
const script = plant('script')
const locktime = plant('locktime')
const connect = plant('connect')
const block = plant('check-block')
const transaction = plant('check-transaction')
const sigops = plant('sigops')
const difficulty = plant('difficulty')
const signer = plant('block-signature')

/** Each is a mistake that somebody could make, and would not see in a payment that works. */
export const PLANTS: readonly Plant[] = [
  interpreter('MAX_OPERATIONS = 201', 'MAX_OPERATIONS = 202'),
  interpreter('MAX_STACK_ELEMENTS = 1000', 'MAX_STACK_ELEMENTS = 1001'),
  interpreter(
    "data.length > MAX_ELEMENT_BYTES) fail('PUSH_SIZE')",
    "data.length >= MAX_ELEMENT_BYTES) fail('PUSH_SIZE')",
  ),
  interpreter('op > OP[16]) countOperations(1)', 'op >= OP[16]) countOperations(1)'),
  interpreter('codeStart = at', 'codeStart = at - 1'),
  interpreter('context.leaf.separatorAt = position', 'context.leaf.separatorAt = at'),
  interpreter('branches.push(!branches.pop())', 'branches.push(branches.pop() === true)'),
  interpreter("!minimal && version === 'tapscript'", "!minimal && version === 'witness-v0'"),
  interpreter('(sequence & SEQUENCE_DISABLED) !== 0n', 'false'),
  interpreter("if (branches.length > 0) fail('UNBALANCED_CONDITIONAL')", ''),
  interpreter('const LOCK_BYTES = 5', 'const LOCK_BYTES = 4'),
  operation('m.insert(2, m.peek())', 'm.insert(1, m.peek())'),
  operation('least <= x && x < most', 'least <= x && x <= most'),
  operation("[OP['2ROT'], moving(5, 2)]", "[OP['2ROT'], moving(4, 2)]"),
  operation('a > b', 'a >= b'),
  machine('byte === 0x80', 'byte === 0x81'),
  signatures('MAX_KEYS_PER_MULTISIG = 20', 'MAX_KEYS_PER_MULTISIG = 21'),
  signatures('rules.nullDummy && dummy.length > 0', 'rules.nullDummy && dummy.length > 1'),
  signatures('signatures.length - done <= keys.length - k', 'signatures.length - done < keys.length - k'),
  signatures('~SIGHASH.ANYONECANPAY', '0xff'),
  signatures("if (version !== 'base') return scriptCode", 'return scriptCode'),
  checker('withLowS(compact)', 'compact'),
  checker('signature.length === 65 && hashType === SIGHASH.DEFAULT', 'false'),
  verify("if (!isPushOnly(scriptSig)) return 'SIG_PUSHONLY'\n  const script", 'const script'),
  verify('!equal(scriptSig, compileScript([script]))', 'false'),
  verify("if (scriptSig.length > 0) return 'WITNESS_MALLEATED'", ''),
  verify('const given = [...stack]', 'const given = stack'),
  witness('program.length === 32 && !inP2sh', 'program.length === 32'),
  witness('witness.length >= 2 && last?.[0]', 'witness.length >= 1 && last?.[0]'),
  witness('witness.length === 2 ? runWitness', 'witness.length >= 2 ? runWitness'),
  witness("if (stack.length > MAX_STACK_ELEMENTS) return 'STACK_SIZE'", ''),
  tapscript('WEIGHT_PER_SIGNATURE = 50', 'WEIGHT_PER_SIGNATURE = 49'),
  tapscript('(op >= 187 && op <= 254)', '(op >= 186 && op <= 254)'),
  tapscript('separatorAt: 0xffffffff', 'separatorAt: 0'),
  tapscript("if (key.length === 0) fail('PUBKEYTYPE')", ''),
  taproot('(a[at] as number) < (b[at] as number)', '(a[at] as number) > (b[at] as number)'),
  taproot('LEAF_VERSION_MASK = 0xfe', 'LEAF_VERSION_MASK = 0xff'),
  taproot('MAX_CONTROL_NODES = 128', 'MAX_CONTROL_NODES = 127'),
  legacy('single && index >= tx.outputs.length', 'single && index > tx.outputs.length'),
  legacy('value: -1n', 'value: 0n'),
  legacy('hashType & 0x1f', 'hashType & 0x03'),
  segwit('anyoneCanPay || !ofAll ? ZERO', 'anyoneCanPay ? ZERO'),
  segwit(
    'output === undefined ? ZERO : sha256(outputHash(output))',
    'output === undefined ? ZERO : outputHash(output)',
  ),
  schnorr('if (output === undefined) return undefined', 'if (output === undefined) return new Uint8Array(32)'),
  schnorr('writer.u8(EPOCH)', 'writer.u8(1)'),
  schnorr('leaf === undefined ? 0 : 2', 'leaf === undefined ? 0 : 1'),
  der('size > 1 && first === 0', 'size > 2 && first === 0'),
  der('bytes.length < 8 || bytes.length > 72', 'bytes.length < 9 || bytes.length > 72'),
  der('HALF_ORDER = CURVE_ORDER >> 1n', 'HALF_ORDER = CURVE_ORDER >> 2n'),
  script('script.length < 4 || script.length > 42', 'script.length < 4 || script.length > 41'),
  script('data.length <= 0xff) return op === OP.PUSHDATA1', 'data.length <= 0xfe) return op === OP.PUSHDATA1'),
  locktime('wanted <= BigInt(tx.lockTime) && ', 'wanted < BigInt(tx.lockTime) && '),
  locktime('tx.lockTime < LOCKTIME_THRESHOLD ? height', 'tx.lockTime <= LOCKTIME_THRESHOLD ? height'),
  locktime('sequence >= SEQUENCE_LOCK_DISABLED) return false', 'sequence > SEQUENCE_LOCK_DISABLED) return false'),
  connect('height - coin.height < network.coinbaseMaturity', 'height - coin.height <= network.coinbaseMaturity'),
  connect('claimed > subsidyAt(network, height) + fees', 'claimed > subsidyAt(network, height) + fees + 1n'),
  connect('spentKeys.has(key) ? undefined : coin(key)', 'coin(key)'),
  connect('height < network.coinbaseHeightFrom && ', 'height > network.coinbaseHeightFrom && '),
  block('header.time <= medianTimePast', 'header.time < medianTimePast'),
  block("if (mutated) return 'bad-txns-duplicate'", ''),
  block('if (rest.some(isCoinbase))', 'if (rest.every(isCoinbase))'),
  transaction('size < 2 || size > 100', 'size < 2 || size > 101'),
  transaction("if (sum > MAX_MONEY) return 'bad-txns-txouttotal-toolarge'", ''),
  sigops('countSigops(script, true) * WITNESS_SCALE', 'countSigops(script, true)'),
  sigops('before >= OP[1] && before <= OP[16]', 'before > OP[1] && before <= OP[16]'),
  difficulty('Math.trunc(wantedS / 4)', 'Math.trunc(wantedS / 5)'),
  difficulty('spacingS * (blocks + 1)', 'spacingS * blocks'),
  difficulty('5127n * x * x * x', '5128n * x * x * x'),
  signer('data.length > SOLUTION_HEAD.length && ', 'data.length >= SOLUTION_HEAD.length && '),
  signer('i32(version).hash(previous)', 'i32(version).hash(merkleRoot)'),
]
