import { equal } from '../bytes.ts'
import { hash160, ripemd160, sha1, sha256, sha256d } from './hash.ts'
import { OP } from './opcode.ts'
import { fail } from './script-error.ts'
import { isTruthy, type ScriptMachine } from './script-machine.ts'

type Operation = (machine: ScriptMachine) => void

/** Switched off in 2010 (CVE-2010-5137 and kin): a script that has one fails even where it is not executed. */
export const DISABLED: ReadonlySet<number> = new Set([
  ...[OP.CAT, OP.SUBSTR, OP.LEFT, OP.RIGHT, OP.INVERT, OP.AND, OP.OR, OP.XOR],
  ...[OP['2MUL'], OP['2DIV'], OP.MUL, OP.DIV, OP.MOD, OP.LSHIFT, OP.RSHIFT],
])

const hashing =
  (hash: (bytes: Uint8Array) => Uint8Array): Operation =>
  (m) =>
    m.push(hash(m.pop()))

const unary =
  (compute: (a: bigint) => bigint): Operation =>
  (m) => {
    m.need(1)
    m.pushNumber(compute(m.popNumber()))
  }

/** Both are read before either is judged by the stack's depth, as Bitcoin Core does. */
const binary =
  (compute: (a: bigint, b: bigint) => bigint): Operation =>
  (m) => {
    m.need(2)
    const a = m.number(m.peek(1))
    const b = m.number(m.peek(0))
    m.pop()
    m.pop()
    m.pushNumber(compute(a, b))
  }

const bool = (value: boolean): bigint => (value ? 1n : 0n)
const lesser = (a: bigint, b: bigint): bigint => {
  if (a < b) return a
  return b
}
const numEqual = binary((a, b) => bool(a === b))

const isEqual: Operation = (m) => {
  m.need(2)
  m.pushBool(equal(m.pop(), m.pop()))
}

/** Copies the elements from `depth` below the top upwards, `count` of them, to the top. */
const copying =
  (depth: number, count: number): Operation =>
  (m) => {
    m.need(depth + 1)
    for (let i = 0; i < count; i++) m.push(m.peek(depth))
  }

const moving =
  (depth: number, count: number): Operation =>
  (m) => {
    m.need(depth + 1)
    for (let i = 0; i < count; i++) m.push(m.take(depth))
  }

const indexed =
  (give: (m: ScriptMachine, depth: number) => Uint8Array): Operation =>
  (m) => {
    m.need(2)
    const depth = m.popNumber()
    if (depth < 0n || depth >= BigInt(m.stack.length)) fail('INVALID_STACK_OPERATION')
    m.push(give(m, Number(depth)))
  }

/** What the opcodes do that need nothing but the stacks (Bitcoin Core script/interpreter.cpp, EvalScript). */
export const operations: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  [OP.NOP, () => undefined],
  [OP.VERIFY, (m) => m.verify('VERIFY')],
  [OP.RETURN, () => fail('OP_RETURN')],
  [OP.TOALTSTACK, (m) => void m.alt.push(m.pop())],
  [OP.FROMALTSTACK, (m) => m.push(m.alt.pop() ?? fail('INVALID_ALTSTACK_OPERATION'))],
  [
    OP['2DROP'],
    (m) => {
      m.need(2)
      m.pop()
      m.pop()
    },
  ],
  [OP['2DUP'], copying(1, 2)],
  [OP['3DUP'], copying(2, 3)],
  [OP['2OVER'], copying(3, 2)],
  [OP['2ROT'], moving(5, 2)],
  [OP['2SWAP'], moving(3, 2)],
  [
    OP.IFDUP,
    (m) => {
      const top = m.peek()
      if (isTruthy(top)) m.push(top)
    },
  ],
  [OP.DEPTH, (m) => m.pushNumber(BigInt(m.stack.length))],
  [OP.DROP, (m) => void m.pop()],
  [OP.DUP, copying(0, 1)],
  [OP.NIP, (m) => void m.take(1)],
  [OP.OVER, copying(1, 1)],
  [OP.PICK, indexed((m, depth) => m.peek(depth))],
  [OP.ROLL, indexed((m, depth) => m.take(depth))],
  [OP.ROT, moving(2, 1)],
  [OP.SWAP, moving(1, 1)],
  [
    OP.TUCK,
    (m) => {
      m.need(2)
      m.insert(2, m.peek())
    },
  ],
  [OP.SIZE, (m) => m.pushNumber(BigInt(m.peek().length))],
  [OP.EQUAL, isEqual],
  [
    OP.EQUALVERIFY,
    (m) => {
      isEqual(m)
      m.verify('EQUALVERIFY')
    },
  ],
  [OP['1ADD'], unary((a) => a + 1n)],
  [OP['1SUB'], unary((a) => a - 1n)],
  [OP.NEGATE, unary((a) => -a)],
  [OP.ABS, unary((a) => (a < 0n ? -a : a))],
  [OP.NOT, unary((a) => bool(a === 0n))],
  [OP['0NOTEQUAL'], unary((a) => bool(a !== 0n))],
  [OP.ADD, binary((a, b) => a + b)],
  [OP.SUB, binary((a, b) => a - b)],
  [OP.BOOLAND, binary((a, b) => bool(a !== 0n && b !== 0n))],
  [OP.BOOLOR, binary((a, b) => bool(a !== 0n || b !== 0n))],
  [OP.NUMEQUAL, numEqual],
  [
    OP.NUMEQUALVERIFY,
    (m) => {
      numEqual(m)
      m.verify('NUMEQUALVERIFY')
    },
  ],
  [OP.NUMNOTEQUAL, binary((a, b) => bool(a !== b))],
  [OP.LESSTHAN, binary((a, b) => bool(a < b))],
  [OP.GREATERTHAN, binary((a, b) => bool(a > b))],
  [OP.LESSTHANOREQUAL, binary((a, b) => bool(a <= b))],
  [OP.GREATERTHANOREQUAL, binary((a, b) => bool(a >= b))],
  [OP.MIN, binary((a, b) => lesser(a, b))],
  [OP.MAX, binary((a, b) => a + b - lesser(a, b))],
  [
    OP.WITHIN,
    (m) => {
      m.need(3)
      const [most, least, x] = [m.popNumber(), m.popNumber(), m.popNumber()]
      m.pushBool(least <= x && x < most)
    },
  ],
  [OP.RIPEMD160, hashing(ripemd160)],
  [OP.SHA1, hashing(sha1)],
  [OP.SHA256, hashing(sha256)],
  [OP.HASH160, hashing(hash160)],
  [OP.HASH256, hashing(sha256d)],
])
