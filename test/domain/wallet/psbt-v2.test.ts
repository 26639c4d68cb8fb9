import { Transaction as Peer } from '@scure/btc-signer'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../domain/bytes.ts'
import { encodeTransaction, transactionId } from '../../../domain/chain/codec.ts'
import { combinePsbts, decodePsbt, encodePsbt, type Psbt } from '../../../domain/wallet/psbt.ts'
import { keyOf } from '../../../domain/wallet/psbt-map.ts'
import { createPsbt, extractTransaction, finalizePsbt, signPsbt } from '../../../domain/wallet/psbt-roles.ts'
import { curve } from '../../chain/coins.ts'
import { expectDamageRefused, owners, txOf } from './psbt-sample.ts'

const psbtOf = (inputs: number, lockTime = 0): Psbt =>
  createPsbt(
    txOf(inputs, lockTime),
    Array.from({ length: inputs }, (_, i) => {
      const { script, publicKey } = owners[i % owners.length]!
      const origin = { publicKey, fingerprint: Uint8Array.of(1, 2, 3, 4), path: [0x80000054, 0, i] }
      return { output: { value: 10_000n + BigInt(i), script }, origin }
    }),
    new Map(),
    2,
  )
const keysOf = (index: number) => owners[index % owners.length]
const code = (expected: string) => expect.objectContaining({ code: expected })
const u32 = (value: number) => Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24)

describe('a PSBT of version 2', () => {
  it('goes both ways between us and @scure/btc-signer, to the same transaction', () => {
    for (const [count, lockTime] of [
      [1, 0],
      [2, 500],
      [3, 0],
    ] as const) {
      const bytes = encodePsbt(psbtOf(count, lockTime))
      const peer = Peer.fromPSBT(bytes)
      expect(peer.inputsLength).toBe(count)
      for (const { secret } of owners.slice(0, count)) peer.sign(secret)
      const theirs = decodePsbt(peer.toPSBT(2))
      expect(theirs.version).toBe(2)
      const { psbt, signed } = signPsbt(decodePsbt(bytes), keysOf, curve)
      expect(signed).toBe(count)
      const ours = extractTransaction(finalizePsbt(psbt), curve)
      expect(toHex(encodeTransaction(extractTransaction(finalizePsbt(theirs), curve)))).toBe(
        toHex(encodeTransaction(ours)),
      )
      const read = Peer.fromPSBT(encodePsbt(psbt))
      read.finalize()
      expect(toHex(read.extract())).toBe(toHex(encodeTransaction(ours)))
      expect(read.id).toBe(transactionId(ours))
      // Version 0 of the same, from what came as version 2.
      expect(toHex(encodePsbt({ ...decodePsbt(bytes), version: 0 }).subarray(0, 5))).toBe('70736274ff')
    }
  })

  it('survives being written and read, and is combined with its like', () => {
    for (const lockTime of [0, 7]) {
      const bytes = encodePsbt(psbtOf(3, lockTime))
      expect(toHex(encodePsbt(decodePsbt(bytes)))).toBe(toHex(bytes))
    }
    const bare = decodePsbt(encodePsbt(psbtOf(3)))
    const parts = [0, 1, 2].map(
      (which) => signPsbt(bare, (index) => (index === which ? keysOf(index) : undefined), curve).psbt,
    )
    const again = parts.map((part) => decodePsbt(encodePsbt(part)))
    expect(extractTransaction(finalizePsbt(combinePsbts(again)), curve).inputs).toHaveLength(3)
  })

  it('has the lock time that its inputs ask for', () => {
    const asking = (...locks: readonly (readonly [type: number, value: number])[]) => {
      const base = psbtOf(2, 9)
      const inputs = base.inputs.map((map, i) => {
        const lock = locks[i]
        return lock === undefined ? map : new Map([...map, [keyOf(lock[0]), u32(lock[1])] as const])
      })
      return () => decodePsbt(encodePsbt({ ...base, inputs })).tx.lockTime
    }
    expect(asking()()).toBe(9)
    expect(asking([0x12, 100])()).toBe(100)
    expect(asking([0x12, 100], [0x12, 300])()).toBe(300)
    expect(asking([0x11, 1_600_000_000])()).toBe(1_600_000_000)
    expect(asking([0x12, 100], [0x11, 1_600_000_000])).toThrow(code('wallet.bad-psbt'))
    expect(asking([0x12, 1_600_000_000])).toThrow(code('wallet.bad-psbt'))
  })

  it('allows no more changes once it is signed', () => {
    const open = { ...psbtOf(1), global: new Map([[keyOf(0x06), Uint8Array.of(3)]]) }
    expect(signPsbt(open, () => undefined, curve).psbt.global.get(keyOf(0x06))).toEqual(Uint8Array.of(3))
    expect(signPsbt(open, keysOf, curve).psbt.global.get(keyOf(0x06))).toEqual(Uint8Array.of(0))
  })

  it('that is not one is refused, whatever the bytes', () => {
    const good = encodePsbt(psbtOf(2))
    expectDamageRefused(good)
  })
})
