import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { virtualSize } from '../../domain/chain/codec.ts'
import { compactToDer } from '../../domain/chain/der.ts'
import { hash160 } from '../../domain/chain/hash.ts'
import { isFinal } from '../../domain/chain/locktime.ts'
import { p2wpkh, p2wsh } from '../../domain/chain/script.ts'
import type { ScriptError } from '../../domain/chain/script-error.ts'
import { CONSENSUS_RULES, STANDARD_RULES } from '../../domain/chain/script-rules.ts'
import { SIGHASH, witnessV0Digest } from '../../domain/chain/sighash.ts'
import type { OutPoint, Transaction, TxInput, TxOutput } from '../../domain/chain/transaction.ts'
import { verifyInput } from '../../domain/chain/verify-input.ts'
import {
  type ChannelParams,
  findFunding,
  fundingOutput,
  fundingScript,
  spendKind,
} from '../../domain/channel/script.ts'
import {
  type ClosingChannel,
  closeTransaction,
  refundTransaction,
  signVoucher,
  verifyVoucher,
  voucherSigner,
  voucherVerifier,
} from '../../domain/channel/transaction.ts'
import { nobleCurve as curve } from '../../src/curve/noble.ts'

type Five = [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]

const secretOf = (n: number): Uint8Array => new Uint8Array(32).fill(n)
const payTo = (secret: Uint8Array): Uint8Array => p2wpkh(hash160(curve.publicKey(secret)))

/** Channel number `n`, funded at output `n` of some transaction. */
const channelOf = (n: number, changes: Partial<ChannelParams> = {}) => {
  const [publisherSecret, providerSecret] = [secretOf(10 + n), secretOf(50 + n)]
  const params: ChannelParams = {
    publisherKey: curve.publicKey(publisherSecret),
    providerKey: curve.publicKey(providerSecret),
    expiryHeight: 500,
    capacity: 100_000n,
    publisherScript: payTo(secretOf(90)),
    providerScript: payTo(secretOf(91)),
    ...changes,
  }
  const funding: OutPoint = { txid: 'ab'.repeat(32), vout: n }
  return { params, funding, publisherSecret, providerSecret }
}
type Channel = ReturnType<typeof channelOf>

const paying = (channel: Channel, paid: bigint): ClosingChannel => {
  const { params, funding, publisherSecret, providerSecret } = channel
  const publisherSig = signVoucher({ params, funding, paid, publisherSecret, curve })
  return { params, funding, paid, publisherSig, providerSecret }
}
const payoutScript = payTo(secretOf(99))
const close = (channels: ClosingChannel[], feeRateSatsPerVb = 2) =>
  closeTransaction({ channels, feeRateSatsPerVb, payoutScript, curve })

/** The outputs that the inputs of `tx` spend. */
const spentBy = (tx: Transaction, channels: readonly { params: ChannelParams; funding: OutPoint }[]): TxOutput[] =>
  tx.inputs.map((input) => {
    const channel = channels.find(({ funding }) => funding.vout === input.vout)
    if (channel === undefined) throw new Error('spends no channel')
    return fundingOutput(channel.params)
  })
const errorsOf = (tx: Transaction, spent: readonly TxOutput[], rules = STANDARD_RULES): (ScriptError | undefined)[] =>
  tx.inputs.map((_, i) => verifyInput(tx, i, spent, curve, { rules }))
const noErrors = (tx: Transaction): undefined[] => tx.inputs.map(() => undefined)

/** The provider signs again, as a cheat would after changing its transaction. */
const resigned = (tx: Transaction, channels: readonly Channel[]): Transaction => ({
  ...tx,
  inputs: tx.inputs.map((input, i): TxInput => {
    const channel = channels.find(({ funding }) => funding.vout === input.vout) as Channel
    const script = fundingScript(channel.params)
    const digest = witnessV0Digest(tx, i, script, channel.params.capacity, SIGHASH.ALL)
    const own = Uint8Array.from([...compactToDer(curve.signEcdsa(digest, channel.providerSecret)), SIGHASH.ALL])
    return { ...input, witness: input.witness.map((item, k) => (k === 2 ? own : item)) }
  }),
})

describe('vouchers', () => {
  it('say what was paid, and nothing else', () => {
    const { params, funding, publisherSecret } = channelOf(0)
    const signature = signVoucher({ params, funding, paid: 5_000n, publisherSecret, curve })
    const check = (changes: object) => verifyVoucher({ params, funding, paid: 5_000n, signature, curve, ...changes })
    expect(signature.length).toBe(64)
    expect(check({})).toBe(true)
    expect(check({ paid: 5_001n })).toBe(false)
    expect(check({ paid: 4_999n })).toBe(false)
    expect(check({ funding: { ...funding, vout: 1 } })).toBe(false)
    expect(check({ params: { ...params, capacity: 100_001n } })).toBe(false)
    expect(check({ params: { ...params, expiryHeight: 501 } })).toBe(false)
    expect(check({ params: { ...params, publisherScript: params.providerScript } })).toBe(false)
    expect(check({ params: { ...params, publisherKey: params.providerKey } })).toBe(false)
    expect(check({ signature: signature.subarray(1) })).toBe(false)
    expect(check({ signature: new Uint8Array(64) })).toBe(false)
    expect(check({ paid: 0n })).toBe(false)
    expect(check({ paid: 100_001n })).toBe(false)
  })

  it('above the capacity, or of nothing, are not signed', () => {
    const { params, funding, publisherSecret } = channelOf(0)
    const sign = voucherSigner(params, funding, curve)
    for (const paid of [-1n, 0n, params.capacity + 1n]) expect(() => sign(paid, publisherSecret)).toThrow(RangeError)
  })

  it('any amount closes the channel by the amount, under the law and under policy', () => {
    const channel = channelOf(0)
    const { params, funding, publisherSecret } = channel
    const [sign, verify] = [voucherSigner(params, funding, curve), voucherVerifier(params, funding, curve)]
    fc.assert(
      fc.property(fc.bigInt({ min: 1_000n, max: params.capacity }), (paid) => {
        const publisherSig = sign(paid, publisherSecret)
        expect(verify(paid, publisherSig)).toBe(true)
        const tx = close([{ ...channel, paid, publisherSig }])
        expect(errorsOf(tx, spentBy(tx, [channel]))).toEqual([undefined])
        expect(errorsOf(tx, spentBy(tx, [channel]), CONSENSUS_RULES)).toEqual([undefined])
        const [first] = tx.outputs
        if (params.capacity - paid >= 294n) expect(first?.value).toBe(params.capacity - paid)
        else expect(tx.outputs.length).toBe(1)
      }),
      { numRuns: 25 },
    )
  })
})

describe('closing', () => {
  it('one channel: the rest to the publisher, the payment less the fee to the provider', () => {
    const channel = channelOf(0)
    const tx = close([paying(channel, 40_000n)])
    expect(errorsOf(tx, spentBy(tx, [channel]))).toEqual([undefined])
    expect(tx.outputs[0]).toEqual({ value: 60_000n, script: channel.params.publisherScript })
    const fee = 40_000n - (tx.outputs[1]?.value ?? 0n)
    expect(fee >= BigInt(virtualSize(tx)) * 2n).toBe(true)
    expect(fee <= BigInt(virtualSize(tx) + 2) * 2n).toBe(true)
    expect(spendKind(tx, channel.funding)).toBe('close')
    expect(spendKind(tx, channelOf(1).funding)).toBeUndefined()
  })

  it('many at once, also those that leave their publisher dust', () => {
    const channels = [0, 1, 2, 3, 4].map((n) => channelOf(n))
    const paid = [99_900n, 40_000n, 100_000n, 99_706n, 1_000n]
    const tx = close(channels.map((channel, i) => paying(channel, paid[i] as bigint)))
    expect(errorsOf(tx, spentBy(tx, channels))).toEqual(noErrors(tx))
    // 99,706 leaves exactly 294: that is still an output.
    expect(tx.outputs.map((output) => output.value).slice(0, -1)).toEqual([60_000n, 294n, 99_000n])
    expect(tx.inputs.map((input) => input.vout)).toEqual([1, 3, 4, 0, 2])
    expect(tx.outputs.at(-1)?.script).toEqual(payoutScript)
    const total = tx.outputs.reduce((sum, output) => sum + output.value, 0n)
    expect(500_000n - total).toBeLessThan(3_000n)
  })

  it('costs what a lease was measured to cost', () => {
    const cost = (count: number) => {
      const channels = Array.from({ length: count }, (_, n) => channelOf(n))
      return virtualSize(close(channels.map((channel) => paying(channel, 50_000n)))) / count
    }
    expect(cost(1)).toBeLessThan(185)
    expect(cost(10)).toBeLessThan(145)
  })

  it('a wider return script has more dust', () => {
    const wide = channelOf(0, { publisherScript: p2wsh(Uint8Array.of(1)) })
    expect(close([paying(wide, 99_670n)]).outputs[0]?.value).toBe(330n)
    expect(close([paying(wide, 99_671n)]).outputs.length).toBe(1)
  })

  it('is refused when the fee eats all, or the voucher is not true', () => {
    const channel = channelOf(0)
    const code = (expected: string) => expect.objectContaining({ code: expected })
    expect(() => close([paying(channel, 300n)])).toThrow(code('channel.not-worth-closing'))
    expect(() => close([paying(channel, 5_000n)], 100)).toThrow(code('channel.not-worth-closing'))
    expect(() => close([{ ...paying(channel, 5_000n), paid: 6_000n }])).toThrow(code('channel.bad-voucher'))
  })
})

describe('a provider that cheats', () => {
  const cheat = (tx: Transaction, channels: readonly Channel[], outputs: readonly TxOutput[]) => {
    const changed = resigned({ ...tx, outputs }, channels)
    return errorsOf(changed, spentBy(changed, channels), CONSENSUS_RULES)
  }

  it('cannot raise its share', () => {
    const channel = channelOf(0)
    const tx = close([paying(channel, 40_000n)])
    const [back, payout] = tx.outputs as [TxOutput, TxOutput]
    expect(cheat(tx, [channel], [back, { ...payout, value: payout.value - 1n }])).toEqual([undefined])
    expect(cheat(tx, [channel], [{ ...back, value: back.value - 1n }, payout])).toEqual(['EVAL_FALSE'])
    expect(cheat(tx, [channel], [payout, back])).toEqual(['EVAL_FALSE'])
    expect(cheat(tx, [channel], [payout])).toEqual(['EVAL_FALSE'])
    expect(cheat(tx, [channel], [])).toEqual(['EVAL_FALSE'])
  })

  it("cannot shave one publisher's output in a batch, or let one output serve two", () => {
    const channels = [channelOf(0), channelOf(1)]
    const tx = close(channels.map((channel) => paying(channel, 40_000n)))
    const [first, second, payout] = tx.outputs as [TxOutput, TxOutput, TxOutput]
    expect(cheat(tx, channels, [first, { ...second, value: 1n }, payout])).toEqual([undefined, 'EVAL_FALSE'])
    expect(cheat(tx, channels, [first, payout])).toEqual([undefined, 'EVAL_FALSE'])
    expect(cheat(tx, channels, [first, second, payout])).toEqual([undefined, undefined])
  })

  it('cannot close with its own signature alone, or as if it were the publisher', () => {
    const channel = channelOf(0)
    const tx = close([paying(channel, 40_000n)])
    const spent = spentBy(tx, [channel])
    const withWitness = (witness: readonly Uint8Array[]) => ({
      ...tx,
      inputs: tx.inputs.map((input) => ({ ...input, witness })),
    })
    const [dummy, theirs, own, chosen, script] = (tx.inputs[0] as TxInput).witness as Five
    expect(errorsOf(withWitness([dummy, own, own, chosen, script]), spent)).toEqual(['NULLFAIL'])
    expect(errorsOf(withWitness([dummy, own, theirs, chosen, script]), spent)).toEqual(['NULLFAIL'])
    expect(errorsOf(withWitness([theirs, theirs, own, chosen, script]), spent)).toEqual(['SIG_NULLDUMMY'])
    expect(errorsOf(withWitness([dummy, dummy, dummy, chosen, script]), spent)).toEqual(['EVAL_FALSE'])
    expect(errorsOf(withWitness([own, dummy, script]), spent)).toEqual(['UNSATISFIED_LOCKTIME'])
    expect(errorsOf(withWitness([dummy, theirs, own, Uint8Array.of(2), script]), spent)).toEqual(['MINIMALIF'])
    expect(errorsOf(withWitness([dummy, theirs, own, chosen, script.subarray(1)]), spent)).toEqual([
      'WITNESS_PROGRAM_MISMATCH',
    ])
  })
})

describe('refunding', () => {
  const channel = channelOf(0)
  const { params, funding, publisherSecret } = channel
  const spent = [fundingOutput(params)]
  const refund = refundTransaction({ params, funding, publisherSecret, feeRateSatsPerVb: 2, curve })

  it('gives everything less the fee back, from expiry on', () => {
    expect(errorsOf(refund, spent)).toEqual([undefined])
    expect(refund.outputs.map((output) => output.script)).toEqual([params.publisherScript])
    expect(params.capacity - (refund.outputs[0]?.value ?? 0n)).toBeLessThan(300n)
    expect(isFinal(refund, params.expiryHeight, 0)).toBe(false)
    expect(isFinal(refund, params.expiryHeight + 1, 0)).toBe(true)
    expect(spendKind(refund, funding)).toBe('refund')
  })

  /** The publisher signs whatever it likes. */
  const signed = (lockTime: number, sequence: number): Transaction => {
    const script = fundingScript(params)
    const tx = { ...refund, lockTime, inputs: refund.inputs.map((input) => ({ ...input, sequence })) }
    const digest = witnessV0Digest(tx, 0, script, params.capacity, SIGHASH.ALL)
    const signature = Uint8Array.from([...compactToDer(curve.signEcdsa(digest, publisherSecret)), SIGHASH.ALL])
    return { ...tx, inputs: tx.inputs.map((input) => ({ ...input, witness: [signature, new Uint8Array(0), script] })) }
  }

  it('cannot be had before expiry, whatever lock time is told', () => {
    expect(errorsOf(signed(500, 0xfffffffe), spent)).toEqual([undefined])
    expect(errorsOf(signed(499, 0xfffffffe), spent)).toEqual(['UNSATISFIED_LOCKTIME'])
    expect(errorsOf(signed(0, 0xfffffffe), spent)).toEqual(['UNSATISFIED_LOCKTIME'])
    // Final: its lock time would not be in force.
    expect(errorsOf(signed(500, 0xffffffff), spent)).toEqual(['UNSATISFIED_LOCKTIME'])
    // A time, where the script asks a height.
    expect(errorsOf(signed(1_600_000_000, 0xfffffffe), spent)).toEqual(['UNSATISFIED_LOCKTIME'])
    expect(isFinal(signed(500, 0xfffffffe), 500, 2_000_000_000)).toBe(false)
  })

  it('is refused when the fee eats all', () => {
    const small = { ...params, capacity: 500n }
    const input = { params: small, funding, publisherSecret, feeRateSatsPerVb: 2, curve }
    expect(() => refundTransaction(input)).toThrow(expect.objectContaining({ code: 'channel.not-worth-refunding' }))
  })
})

describe('funding', () => {
  it('is found by script and whole capacity', () => {
    const { params } = channelOf(0)
    const wanted = fundingOutput(params)
    const tx: Transaction = {
      version: 2,
      inputs: [],
      outputs: [{ ...wanted, value: wanted.value - 1n }, { ...wanted, script: params.publisherScript }, wanted],
      lockTime: 0,
    }
    expect(findFunding(tx, params)?.vout).toBe(2)
    expect(findFunding({ ...tx, outputs: tx.outputs.slice(0, 2) }, params)).toBeUndefined()
  })

  it('keys and heights out of range make no script', () => {
    const { params } = channelOf(0)
    for (const changes of [{ publisherKey: new Uint8Array(32) }, { expiryHeight: 0 }, { expiryHeight: 500_000_000 }]) {
      expect(() => fundingScript({ ...params, ...changes })).toThrow(RangeError)
    }
  })
})
