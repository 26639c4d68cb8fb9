import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../../../domain/bytes.ts'
import { hash160 } from '../../../domain/chain/hash.ts'
import { OP } from '../../../domain/chain/opcode.ts'
import { compileScript, p2sh, p2wsh } from '../../../domain/chain/script.ts'
import type { ScriptError } from '../../../domain/chain/script-error.ts'
import { CONSENSUS_RULES, type ScriptRules, STANDARD_RULES } from '../../../domain/chain/script-rules.ts'
import { verifyInput } from '../../../domain/chain/verify-input.ts'
import { nativeCurve } from '../../../src/curve/native.ts'
import { assemble, creditAndSpend, rulesOf } from './core-script.ts'

/** Bitcoin Core's src/test/data/script_tests.json, as npm's bitcore-lib ships it. */
const vectors = createRequire(import.meta.url)('bitcore-lib/test/data/bitcoind/script_tests.json') as unknown[][]
/** The rows that came to it later. */
const newer = readFileSync('test/vectors/bitcoin-core/script-tests-newer.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as unknown[])

type Row = {
  scriptSig: string
  scriptPubKey: string
  flags: string
  expected: string
  witness: string[]
  value: bigint
}

const rowOf = (row: unknown[]): Row => {
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
}
/** Rows of one text are comments. */
const rows = vectors.filter((row) => row.length > 1).map(rowOf)
const newerRows = newer.map(rowOf)

const run = (row: Row): ScriptError | undefined => {
  const { credit, spend } = creditAndSpend(
    assemble(row.scriptPubKey),
    assemble(row.scriptSig),
    row.witness.map(fromHex),
    row.value,
  )
  return verifyInput(spend, 0, credit.outputs, nativeCurve, { rules: rulesOf(row.flags) })
}

const named = (error: ScriptError | undefined): string =>
  error === undefined ? 'OK' : error === 'SCRIPTNUM' ? 'UNKNOWN_ERROR' : error

describe('script_tests.json', () => {
  it('each of the 1,189 scripts ends as Bitcoin Core says', () => {
    // Until Core 0.17 a witness script that left too much was EVAL_FALSE; it is CLEANSTACK in the newer rows.
    const old = (row: Row) => {
      const name = named(run(row))
      return name === 'CLEANSTACK' && row.expected === 'EVAL_FALSE' ? 'EVAL_FALSE' : name
    }
    expect(rows.length).toBe(1189)
    expect(rows.filter((row) => old(row) !== row.expected)).toEqual([])
  })

  it('and so does each of the 43 that came later', () => {
    expect(newerRows.length).toBe(43)
    expect(newerRows.filter((row) => named(run(row)) !== row.expected)).toEqual([])
  })
})

describe('what the vectors leave open', () => {
  it('201 operations and any number of constants beside them', () => {
    const run = (text: string) => {
      const { credit, spend } = creditAndSpend(assemble(text), new Uint8Array(0), [], 1n)
      return verifyInput(spend, 0, credit.outputs, nativeCurve, { rules: CONSENSUS_RULES })
    }
    expect(run(`${'NOP '.repeat(201)} 16`)).toBeUndefined()
    expect(run(`${'NOP '.repeat(202)} 16`)).toBe('OP_COUNT')
  })

  it('a taproot witness of one item has no annex, whatever that begins with', () => {
    const program = compileScript([OP[1], new Uint8Array(32).fill(1)])
    const { credit, spend } = creditAndSpend(program, new Uint8Array(0), [Uint8Array.of(0x50, 1)], 1n)
    expect(verifyInput(spend, 0, credit.outputs, nativeCurve, { rules: CONSENSUS_RULES })).toBe('SCHNORR_SIG_SIZE')
  })

  it('a taproot program in a script hash has no meaning yet (BIP 341)', () => {
    const program = compileScript([OP[1], new Uint8Array(32).fill(1)])
    const scriptHash = p2sh(hash160(program))
    const { credit, spend } = creditAndSpend(scriptHash, compileScript([program]), [new Uint8Array(64)], 1n)
    const run = (rules: ScriptRules) => verifyInput(spend, 0, credit.outputs, nativeCurve, { rules })
    expect(run(CONSENSUS_RULES)).toBeUndefined()
    expect(run(STANDARD_RULES)).toBe('DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM')
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
          const error = verifyInput(spend, 0, credit.outputs, nativeCurve, { rules })
          expect(['string', 'undefined']).toContain(typeof error)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
