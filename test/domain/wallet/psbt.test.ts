import { Transaction as Peer } from '@scure/btc-signer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../domain/bytes.ts'
import { encodeTransaction, transactionId } from '../../../domain/chain/codec.ts'
import { SIGHASH } from '../../../domain/chain/sighash.ts'
import { combinePsbts, decodePsbt, encodePsbt, MAX_PSBT_BYTES, PSBT, type Psbt } from '../../../domain/wallet/psbt.ts'
import { keyOf } from '../../../domain/wallet/psbt-map.ts'
import { createPsbt, extractTransaction, finalizePsbt, signPsbt } from '../../../domain/wallet/psbt-roles.ts'
import { curve, key } from '../../chain/coins.ts'
import { expectDamageRefused, owners, txOf } from './psbt-sample.ts'

const origin = (publicKey: Uint8Array, index: number) => ({
  publicKey,
  fingerprint: Uint8Array.of(1, 2, 3, 4),
  path: [0x80000054, 0x80000001, 0x80000000, 0, index],
})
const psbtOf = (inputs: number): Psbt =>
  createPsbt(
    txOf(inputs),
    Array.from({ length: inputs }, (_, i) => {
      const { script, publicKey } = owners[i % owners.length]!
      return { output: { value: 10_000n + BigInt(i), script }, origin: origin(publicKey, i) }
    }),
    new Map([[1, origin(key(10).publicKey, 7)]]),
  )
const keysOf = (index: number) => owners[index % owners.length]
const only = (which: number) => (index: number) => (index % owners.length === which ? owners[which] : undefined)
const code = (expected: string) => expect.objectContaining({ code: expected })

describe('a PSBT', () => {
  it('is what @scure/btc-signer makes of the same, signature for signature', () => {
    for (const count of [1, 2, 3, 5]) {
      const bytes = encodePsbt(psbtOf(count))
      const peer = Peer.fromPSBT(bytes)
      expect(peer.inputsLength).toBe(count)
      for (const { secret } of owners.slice(0, count)) peer.sign(secret)
      const { psbt, signed } = signPsbt(decodePsbt(bytes), keysOf, curve)
      expect(signed).toBe(count)
      expect(toHex(encodePsbt(psbt))).toBe(toHex(peer.toPSBT(0)))
      // Each takes what the other signed, to the same transaction.
      const ours = extractTransaction(finalizePsbt(decodePsbt(peer.toPSBT(0))), curve)
      const theirs = Peer.fromPSBT(encodePsbt(psbt))
      theirs.finalize()
      expect(toHex(theirs.extract())).toBe(toHex(encodeTransaction(ours)))
      expect(transactionId(ours)).toBe(theirs.id)
      const final = Peer.fromPSBT(encodePsbt(finalizePsbt(psbt)))
      expect(toHex(final.extract())).toBe(toHex(encodeTransaction(ours)))
    }
  })

  it('survives being written and read, with keys that nobody knows', () => {
    const entry = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 6 }), fc.uint8Array({ maxLength: 40 }))
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 6 }), fc.integer({ min: 1, max: 4 }), (extra, count) => {
        const unknown = new Map(extra.map(([data, value]) => [keyOf(0xf0, data), value]))
        const base = psbtOf(count)
        const psbt: Psbt = {
          ...base,
          global: unknown,
          inputs: base.inputs.map((map) => new Map([...map, ...unknown])),
          outputs: base.outputs.map((map) => new Map([...map, ...unknown])),
        }
        const again = decodePsbt(encodePsbt(psbt))
        expect(toHex(encodePsbt(again))).toBe(toHex(encodePsbt(psbt)))
        expect(again.inputs.map(({ size }) => size)).toEqual(psbt.inputs.map(({ size }) => size))
      }),
    )
  })

  it('that is not one is refused, whatever the bytes', () => {
    const good = encodePsbt(psbtOf(2))
    expectDamageRefused(good)
    expect(() => decodePsbt(good.subarray(0, -1))).toThrow(code('wallet.bad-psbt'))
    expect(() => decodePsbt(new Uint8Array([...good, 0]))).toThrow(code('wallet.bad-psbt'))
    expect(() => decodePsbt(new Uint8Array(MAX_PSBT_BYTES + 1))).toThrow(code('wallet.bad-psbt'))
    const second = { ...psbtOf(1), global: new Map([[keyOf(PSBT.global.version), Uint8Array.of(2, 0, 0, 0)]]) }
    expect(() => decodePsbt(encodePsbt(second))).toThrow(code('wallet.bad-psbt'))
  })

  it('is whole once all have signed, in whatever order they are combined', () => {
    const bare = psbtOf(3)
    const parts = [0, 1, 2].map((which) => signPsbt(bare, only(which), curve).psbt)
    fc.assert(
      fc.property(fc.shuffledSubarray(parts, { minLength: 3 }), (order) => {
        const tx = extractTransaction(finalizePsbt(combinePsbts(order)), curve)
        expect(tx.inputs.every(({ witness }) => witness.length === 2)).toBe(true)
      }),
    )
    for (const part of parts)
      expect(() => extractTransaction(finalizePsbt(part), curve)).toThrow(code('wallet.psbt-incomplete'))
    expect(() => combinePsbts([bare, psbtOf(2)])).toThrow(code('wallet.bad-psbt'))
    expect(() => combinePsbts([])).toThrow(code('wallet.bad-psbt'))
  })

  it('with a signature of somebody else, or for something else, is not whole', () => {
    const { psbt } = signPsbt(psbtOf(1), keysOf, curve)
    const other = signPsbt({ ...psbtOf(1), tx: { ...txOf(1), lockTime: 5 } }, keysOf, curve).psbt
    const stolen = finalizePsbt({ ...psbt, inputs: other.inputs })
    expect(() => extractTransaction(stolen, curve)).toThrow(code('wallet.psbt-incomplete'))
  })

  it('that asks for a signature others could reuse gets none', () => {
    const bare = psbtOf(1)
    for (const type of [SIGHASH.NONE, SIGHASH.SINGLE, SIGHASH.ALL | SIGHASH.ANYONECANPAY]) {
      const asked = {
        ...bare,
        inputs: bare.inputs.map(
          (map) => new Map([...map, [keyOf(PSBT.input.sighashType), Uint8Array.of(type, 0, 0, 0)]]),
        ),
      }
      expect(() => signPsbt(asked, keysOf, curve)).toThrow(code('wallet.bad-psbt'))
    }
  })
})
