import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../../../domain/bytes.ts'
import { evaluate } from '../../../domain/chain/interpreter.ts'
import { isP2sh, p2wsh, witnessProgram } from '../../../domain/chain/script.ts'
import {
  CONSENSUS_RULES,
  type ScriptError,
  type ScriptRules,
  STANDARD_RULES,
} from '../../../domain/chain/script-error.ts'
import { isTruthy } from '../../../domain/chain/script-machine.ts'
import { verifyInput } from '../../../domain/chain/verify-input.ts'
import { nobleCurve } from '../../../src/curve/noble.ts'
import { assemble, creditAndSpend } from './core-script.ts'

/** Bitcoin Core's src/test/data/script_tests.json, as npm's bitcore-lib ships it. */
const vectors = createRequire(import.meta.url)('bitcore-lib/test/data/bitcoind/script_tests.json') as unknown[][]

const rulesOf = (flags: string): ScriptRules => {
  const set = new Set(flags.split(','))
  return {
    strictDer: set.has('DERSIG'),
    strictEncoding: set.has('STRICTENC'),
    lowS: set.has('LOW_S'),
    nullDummy: set.has('NULLDUMMY'),
    minimalData: set.has('MINIMALDATA'),
    minimalIf: set.has('MINIMALIF'),
    nullFail: set.has('NULLFAIL'),
    compressedKeys: set.has('WITNESS_PUBKEYTYPE'),
    lockTime: set.has('CHECKLOCKTIMEVERIFY'),
    sequence: set.has('CHECKSEQUENCEVERIFY'),
    discourageNops: set.has('DISCOURAGE_UPGRADABLE_NOPS'),
  }
}

type Row = {
  scriptSig: string
  scriptPubKey: string
  flags: string
  expected: string
  witness: string[]
  value: bigint
}

const rows: Row[] = vectors
  .filter((row) => row.length > 1)
  .map((row) => {
    const [first, ...rest] = row
    const [scriptSig, scriptPubKey, flags, expected] = (Array.isArray(first) ? rest : row) as string[]
    const witness = Array.isArray(first) ? (first as (string | number)[]) : [0]
    return {
      scriptSig: scriptSig ?? '',
      scriptPubKey: scriptPubKey ?? '',
      flags: flags ?? '',
      expected: expected ?? '',
      witness: witness.slice(0, -1) as string[],
      value: BigInt(Math.round((witness.at(-1) as number) * 1e8)),
    }
  })

const titled = (row: Row, i: number): [string, Row] => [
  `${i} ${row.expected} ${row.flags} ${row.scriptPubKey.slice(0, 40)}`,
  row,
]

/** Older vectors have names of their own for two of the errors. */
const named = (error: ScriptError | undefined, expected: string): string => {
  if (error === undefined) return 'OK'
  if (error === 'SCRIPTNUM') return 'UNKNOWN_ERROR'
  return error === 'CLEANSTACK' && expected === 'EVAL_FALSE' ? 'EVAL_FALSE' : error
}

const isWitnessV0 = (row: Row): boolean =>
  row.flags.split(',').includes('WITNESS') && witnessProgram(assemble(row.scriptPubKey))?.version === 0

describe('segwit v0 spends (script_tests.json)', () => {
  const cases = rows.filter(isWitnessV0)

  it('are all there', () => {
    expect(cases.length).toBe(49)
  })

  it.each(cases.map(titled))('%s', (_, row) => {
    const { credit, spend } = creditAndSpend(
      assemble(row.scriptPubKey),
      assemble(row.scriptSig),
      row.witness.map(fromHex),
      row.value,
    )
    const error = verifyInput(spend, 0, credit.outputs, nobleCurve, { rules: rulesOf(row.flags) })
    expect(named(error, row.expected)).toBe(row.expected)
  })
})

describe('scripts that ask no signature (script_tests.json)', () => {
  /** Bare scripts run as the old version; those that need a signature, P2SH or rules on scriptSig are left out. */
  const run = (row: Row): string | undefined => {
    let asked = false
    const ask = (): boolean => {
      asked = true
      return false
    }
    const rules = rulesOf(row.flags)
    const scriptPubKey = assemble(row.scriptPubKey)
    const flags = row.flags.split(',')
    const left = ['CLEANSTACK', 'SIGPUSHONLY', 'CONST_SCRIPTCODE', 'WITNESS'].some((flag) => flags.includes(flag))
    if (left || (isP2sh(scriptPubKey) && flags.includes('P2SH'))) return undefined
    const { spend } = creditAndSpend(scriptPubKey, assemble(row.scriptSig), [], row.value)
    const context = {
      checker: { checkSignature: ask, checkLockTime: () => false, checkSequence: () => false },
      rules,
      version: 'base' as const,
    }
    const stack: Uint8Array[] = []
    const error =
      evaluate(stack, spend.inputs[0]?.scriptSig as Uint8Array, context) ?? evaluate(stack, scriptPubKey, context)
    if (asked) return undefined
    if (error !== undefined) return named(error, row.expected)
    const top = stack.at(-1)
    return top !== undefined && isTruthy(top) ? 'OK' : 'EVAL_FALSE'
  }

  it('end as Bitcoin Core says', () => {
    let count = 0
    const wrong: unknown[] = []
    for (const row of rows) {
      const got = run(row)
      if (got === undefined) continue
      count++
      if (got !== row.expected) wrong.push({ ...row, got })
    }
    expect(wrong).toEqual([])
    expect(count).toBe(978)
  })
})

describe('any bytes as a witness script', () => {
  it('end in an answer', () => {
    const opcode = fc.integer({ min: 0x4f, max: 0xba })
    const script = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(opcode, { maxLength: 200 }).map((ops) => Uint8Array.from(ops)),
    )
    const element = fc.uint8Array({ maxLength: 6 })
    fc.assert(
      fc.property(script, fc.array(element, { maxLength: 12 }), (witnessScript, elements) => {
        const { credit, spend } = creditAndSpend(
          p2wsh(witnessScript),
          new Uint8Array(0),
          [...elements, witnessScript],
          1n,
        )
        for (const rules of [CONSENSUS_RULES, STANDARD_RULES]) {
          const error = verifyInput(spend, 0, credit.outputs, nobleCurve, { rules })
          expect(['string', 'undefined']).toContain(typeof error)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('outputs that are not checked here yet', () => {
  it.each([
    ['UNSUPPORTED_LEGACY', '1'],
    ['UNSUPPORTED_LEGACY', `DUP HASH160 0x14 0x${'11'.repeat(20)} EQUALVERIFY CHECKSIG`],
    ['UNSUPPORTED_P2SH', `HASH160 0x14 0x${'11'.repeat(20)} EQUAL`],
    ['UNSUPPORTED_TAPROOT', `1 0x20 0x${'11'.repeat(32)}`],
    ['UNSUPPORTED_WITNESS_VERSION', `2 0x20 0x${'11'.repeat(32)}`],
    ['UNSUPPORTED_WITNESS_VERSION', `1 0x02 0x1111`],
  ])('are refused: %s for %s', (code, script) => {
    const { credit, spend } = creditAndSpend(assemble(script), new Uint8Array(0), [], 1n)
    for (const rules of [CONSENSUS_RULES, STANDARD_RULES]) {
      expect(verifyInput(spend, 0, credit.outputs, nobleCurve, { rules })).toBe(code)
    }
  })
})
