import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../domain/bytes.ts'
import { decode, encode } from '../../../domain/codec.ts'
import { receiptDigest, receiptOf } from '../../../domain/lease/receipt.ts'
import { differOnlyInPrice, type Terms, termsBytes, termsDigest, termsHash } from '../../../domain/terms.ts'
import { NO_USAGE } from '../../../domain/usage.ts'
import { CHEAPER, owedAt, PROVIDER, PUBLISHER, signedReceipt, TERMS, usageAt } from '../lease/sample.ts'

/** As they were before there was anything that may be absent. */
const { maxPauseMs: _, ...FIRST } = TERMS

type Path = readonly (string | number)[]

/** Ways to every value in an object that is none itself. */
const leavesOf = (value: unknown, path: Path = []): readonly Path[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]))
    : [path]

const at = (value: unknown, path: Path): unknown => path.reduce((inner, key) => (inner as never)[key], value)

/** A copy that differs in the one place. */
const changed = <T>(value: T, path: Path, to: unknown): T => {
  const copy = structuredClone(value)
  ;(at(copy, path.slice(0, -1)) as Record<string, unknown>)[String(path.at(-1))] = to
  return copy
}

const anotherThan = (value: unknown): fc.Arbitrary<unknown> => {
  if (typeof value === 'bigint') return fc.bigInt({ min: 0n, max: 10n ** 15n }).filter((x) => x !== value)
  if (typeof value === 'number') return fc.nat().filter((x) => x !== value)
  return fc.string().filter((x) => x !== value)
}

const LEAVES = leavesOf(TERMS)
const change = fc.constantFrom(...LEAVES).chain((path) => fc.tuple(fc.constant(path), anotherThan(at(TERMS, path))))

describe('terms', () => {
  it('have this hash, for ever', () => {
    expect(termsHash(FIRST)).toBe('479ad3dbc930b72f9035703323323410fe948e1ac662e1699b51c3b8761b4465')
    expect(toHex(termsDigest(TERMS))).toBe(termsHash(TERMS))
    expect(termsDigest(TERMS)).toHaveLength(32)
  })

  it.each(LEAVES.map((path) => [path.join('.'), path] as const))('have another hash with another %s', (_name, path) => {
    fc.assert(
      fc.property(anotherThan(at(TERMS, path)), (to) => {
        expect(termsHash(changed(TERMS, path, to))).not.toBe(termsHash(TERMS))
      }),
      { numRuns: 10 },
    )
  })

  it('have another hash with a key more or less', () => {
    const keys = (authorizedKeys: string[]): Terms => ({ ...TERMS, shell: { ...TERMS.shell, authorizedKeys } })
    const hashes = [keys([]), keys(['a']), keys(['a', 'b']), keys(['b', 'a']), keys(['a,b'])].map(termsHash)
    expect(new Set(hashes).size).toBe(5)
  })

  it('keep their hash over the wire', () => {
    expect(termsHash(decode(encode(TERMS)) as Terms)).toBe(termsHash(TERMS))
    expect(termsBytes(decode(encode(TERMS)) as Terms)).toEqual(termsBytes(TERMS))
  })

  it('differ only in price when they do', () => {
    expect(differOnlyInPrice(TERMS, TERMS)).toBe(true)
    expect(differOnlyInPrice(TERMS, CHEAPER)).toBe(true)
    fc.assert(
      fc.property(change, ([path, to]) => {
        const other = changed(TERMS, path, to)
        expect(differOnlyInPrice(TERMS, other)).toBe(path[0] === 'price')
        expect(differOnlyInPrice(other, TERMS)).toBe(path[0] === 'price')
        expect(differOnlyInPrice(CHEAPER, other)).toBe(path[0] === 'price')
      }),
    )
  })

  it('differ in more when something was added to them', () => {
    expect(differOnlyInPrice(TERMS, { ...TERMS, extra: 1 } as Terms)).toBe(false)
  })
})

describe('a receipt', () => {
  const { receipt } = signedReceipt(2, 2_000n)

  it('follows from terms, ticks and voucher', () => {
    expect(receipt).toEqual({
      version: 1,
      leaseId: TERMS.leaseId,
      network: TERMS.network,
      termsHash: termsHash(TERMS),
      publisherKey: PUBLISHER,
      providerKey: PROVIDER,
      funding: `${'f0'.repeat(32)}:0`,
      ticks: 2,
      usage: usageAt(2),
      owedMsat: owedAt(2),
      paidSats: 2_000n,
      code: 'stopped-by-publisher',
      culprit: 'publisher',
    })
  })

  it('has this digest, for ever', () => {
    const { termsHash: _, ...rest } = receipt
    expect(toHex(receiptDigest({ ...rest, termsHash: termsHash(FIRST) }))).toBe(
      'dd96b0b991b977ebf78d87be3073990ac3467e4f11b9e51851c87bc0625b116a',
    )
  })

  it.each(leavesOf(receipt).map((path) => [path.join('.'), path] as const))(
    'has another digest with another %s',
    (_name, path) => {
      fc.assert(
        fc.property(anotherThan(at(receipt, path)), (to) => {
          expect(receiptDigest(changed(receipt, path, to))).not.toEqual(receiptDigest(receipt))
        }),
        { numRuns: 10 },
      )
    },
  )

  it('cannot be taken for terms: its digest has a tag of its own', () => {
    expect(receiptDigest(TERMS as never)).not.toEqual(termsDigest(TERMS))
  })

  it('is of nothing for a lease that never served', () => {
    const empty = { funding: '', ticks: 0, usage: NO_USAGE, paidSats: 0n, code: 'host-fault', culprit: 'host' }
    expect(receiptOf(TERMS, empty)).toMatchObject({ ticks: 0, owedMsat: TERMS.price.startMsat })
  })
})
