import { concat, equal, fromHex } from '../bytes.ts'
import type { Block, BlockHeader } from './block.ts'
import { transactionId } from './codec.ts'
import type { Curve } from './curve.ts'
import { DecodeError } from './decode-error.ts'
import { ZERO_HASH } from './display-hash.ts'
import { commitmentIndex, transactionsRoot } from './merkle.ts'
import type { Network } from './network.ts'
import { OP } from './opcode.ts'
import { Reader } from './reader.ts'
import { compileScript, stepAt } from './script.ts'
import { CONSENSUS_RULES, type ScriptRules } from './script-rules.ts'
import { plainPush } from './sighash-legacy.ts'
import type { Transaction, TxInput, TxOutput } from './transaction.ts'
import { verifyInput } from './verify-input.ts'
import { Writer } from './writer.ts'

// Signed blocks (BIP 325): a block's coinbase holds a solution to the network's challenge script, signed over the block without it.

/** What the push that holds the solution begins with. */
const SOLUTION_HEAD = Uint8Array.of(0xec, 0xc7, 0xda, 0xa2)

/** Bitcoin Core signet.cpp, BLOCK_SCRIPT_VERIFY_FLAGS: taproot is not among them. */
const SOLUTION_RULES: ScriptRules = { ...CONSENSUS_RULES, taproot: false, lockTime: false, sequence: false }

/** How the challenge is met: what a spend of it would carry. */
export type BlockSolution = Pick<TxInput, 'scriptSig' | 'witness'>

/** Two transactions that are on no chain: one pays to the challenge and holds the block's data, the other spends it. */
export type BlockToSign = { readonly tx: Transaction; readonly spent: readonly TxOutput[] }

/** Whether the block satisfies the challenge of its network; the genesis block is not asked. */
export const checkBlockSignature = (block: Block, network: Network, curve: Curve): 'bad-signet-blksig' | undefined => {
  if (network.challenge === undefined) return undefined
  const found = withoutSolution(block)
  const solution = found && readSolution(found.solution)
  if (found === undefined || solution === undefined) return 'bad-signet-blksig'
  const { tx, spent } = blockToSign(found.bare, fromHex(network.challenge))
  const [input] = tx.inputs as [TxInput]
  const solved = { ...tx, inputs: [{ ...input, ...solution }] }
  return verifyInput(solved, 0, spent, curve, { rules: SOLUTION_RULES }) === undefined ? undefined : 'bad-signet-blksig'
}

/**
 * The block with a solution in its coinbase; its work is still to be done.
 *
 * @param block commits to its witnesses, and holds no solution yet
 * @param solve what a wallet does with any spend: signs `tx`, whose one input spends `spent`
 */
export const signBlock = (
  block: Block,
  challenge: Uint8Array,
  solve: (toSign: BlockToSign) => BlockSolution,
): Block => {
  // What is signed has the place of the solution in it, empty.
  const bare = withCommitment(block, (script) => concat(script, plainPush(SOLUTION_HEAD)))
  const { scriptSig, witness } = solve(blockToSign(bare, challenge))
  const solution = new Writer()
    .bytes(SOLUTION_HEAD)
    .sized(scriptSig)
    .list(witness, (w, item) => w.sized(item))
  return withCommitment(block, (script) => concat(script, plainPush(solution.done())))
}

const blockToSign = (bare: Block, challenge: Uint8Array): BlockToSign => {
  const output = { value: 0n, script: challenge }
  const input = { txid: ZERO_HASH, vout: 0xffffffff, scriptSig: dataOf(bare.header), sequence: 0, witness: [] }
  const toSpend: Transaction = { version: 0, inputs: [input], outputs: [output], lockTime: 0 }
  const spending = { txid: transactionId(toSpend), vout: 0, scriptSig: new Uint8Array(0), sequence: 0, witness: [] }
  const nothing = { value: 0n, script: Uint8Array.of(OP.RETURN) }
  return { tx: { version: 0, inputs: [spending], outputs: [nothing], lockTime: 0 }, spent: [output] }
}

/** Everything of the header but target and nonce, pushed after a zero. */
const dataOf = ({ version, previous, merkleRoot, time }: BlockHeader): Uint8Array =>
  compileScript([OP[0], new Writer(72).i32(version).hash(previous).hash(merkleRoot).u32(time).done()])

/** The block as it was signed, and the bytes of the solution: none where the challenge asks for none. */
const withoutSolution = (block: Block): { bare: Block; solution: Uint8Array } | undefined => {
  if (commitmentIndex(block) < 0) return undefined
  let solution: Uint8Array = new Uint8Array(0)
  const bare = withCommitment(block, (script) => {
    const found = emptied(script)
    if (found === undefined) return script
    solution = found.solution
    return found.rest
  })
  return { bare, solution }
}

/** The script with the first solution in it taken out, all pushed anew; what cannot be read is left away, as Bitcoin Core does. */
const emptied = (script: Uint8Array): { rest: Uint8Array; solution: Uint8Array } | undefined => {
  let solution: Uint8Array | undefined
  const parts: Uint8Array[] = []
  for (let at = 0; at < script.length; ) {
    const step = stepAt(script, at)
    if (step === undefined) break
    const { op, data } = step
    if (op > OP.PUSHDATA4 || data === undefined) parts.push(Uint8Array.of(op))
    else if (solution === undefined && isSolution(data)) {
      solution = data.slice(SOLUTION_HEAD.length)
      parts.push(plainPush(SOLUTION_HEAD))
    } else parts.push(plainPush(data))
    at = step.next
  }
  return solution && { rest: concat(...parts), solution }
}

const isSolution = (data: Uint8Array): boolean =>
  data.length > SOLUTION_HEAD.length && equal(data.subarray(0, SOLUTION_HEAD.length), SOLUTION_HEAD)

const readSolution = (bytes: Uint8Array): BlockSolution | undefined => {
  if (bytes.length === 0) return { scriptSig: bytes, witness: [] }
  try {
    const reader = new Reader(bytes)
    const solution = { scriptSig: reader.sized(), witness: reader.list(1, (r) => r.sized()) }
    reader.end()
    return solution
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

/** The block with another script in the output that commits to the witnesses, and the root that follows. */
const withCommitment = (block: Block, change: (script: Uint8Array) => Uint8Array): Block => {
  const [coinbase, ...rest] = block.transactions as [Transaction, ...Transaction[]]
  const at = commitmentIndex(block)
  const outputs = coinbase.outputs.map((output, i) =>
    i === at ? { ...output, script: change(output.script) } : output,
  )
  const transactions = [{ ...coinbase, outputs }, ...rest]
  return { header: { ...block.header, merkleRoot: transactionsRoot(transactions).root }, transactions }
}
