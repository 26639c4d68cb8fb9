import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../domain/bytes.ts'
import { decodeTransaction, encodeTransaction, transactionId, virtualSize } from '../../domain/chain/codec.ts'
import { SIGHASH } from '../../domain/chain/sighash.ts'
import type { Transaction, TxOutput } from '../../domain/chain/transaction.ts'
import type { ChannelFact } from '../../domain/channel/facts.ts'
import { bare, cooperativeClose, joinTogether, signTogether } from '../../domain/channel/together.ts'
import { NO_USAGE } from '../../domain/usage.ts'
import { nativeCurve } from '../../src/curve/native.ts'
import { channelParams } from '../../src/lease/party.ts'
import { systemRandom } from '../../src/random/system.ts'
import { deriveKeys } from '../../src/wallet/keys.ts'
import { actAsPublisher, paidFrom, type Script, servedTo } from './hostile.ts'
import { inRig, leaseOf, type Rig } from './rig.ts'

const TIMEOUT_MS = 90_000
type Closing = Extract<ChannelFact, { type: 'channel.closing' }>
type Agreed = Extract<ChannelFact, { type: 'channel.agreed' }>

/** The hash types of both signatures in each input. */
const hashTypes = ({ inputs }: Transaction) => inputs.map(({ witness }) => [witness[1]!.at(-1), witness[2]!.at(-1)])
const settled = ({ publisher, provider, mineUntil }: Rig) =>
  mineUntil(Promise.all([publisher.fact('lease.settled'), provider.fact('lease.settled')]))

describe.concurrent('a plain close', { timeout: TIMEOUT_MS }, () => {
  it(
    'ends a lease when both sides are there: signed whole by both, with what was paid and what is left',
    inRig({}, async (rig) => {
      const { publisher, provider, node } = rig
      await publisher.rent()
      await publisher.fact('lease.paid', undefined, 4)
      await publisher.publisher.stopLease((await leaseOf(publisher)).context.leaseId)
      const closing = await provider.fact<Closing>('channel.closing')
      expect(closing.together).toBe(true)
      expect(await publisher.fact<Agreed>('channel.agreed')).toMatchObject({ txid: closing.txid, paid: closing.paid })
      await settled(rig)
      const { terms, paidSats } = (await leaseOf(publisher)).context
      const { tx, block } = (await node.transaction(closing.txid))!
      expect(block).toBeDefined()
      expect(hashTypes(tx)).toEqual([[SIGHASH.ALL, SIGHASH.ALL]])
      const { publisherScript, providerScript, capacitySats } = terms!.channel
      expect(tx.outputs.map(({ script }) => toHex(script))).toEqual([publisherScript, providerScript])
      expect(tx.outputs[0]!.value).toBe(capacitySats - paidSats)
      const rate = Number(paidSats - tx.outputs[1]!.value) / virtualSize(tx)
      expect(rate).toBeGreaterThanOrEqual(1)
    }),
  )

  it(
    'is refused by a publisher to whom anything else is proposed, and signed when it is right',
    inRig({ providers: [] }, async (rig) => {
      const keys = deriveKeys(systemRandom.bytes(64), rig.node.network)
      const { script, terms, funded } = await servedTo(rig, keys, await rig.publisher.rent())
      const funding = { txid: transactionId(decodeTransaction(fromHex(funded.raw))), vout: funded.vout }
      const channel = { params: channelParams(terms), funding }
      const made = (paid: bigint, feeRateSatsPerVb = 2) =>
        bare(cooperativeClose({ channels: [channel], paid, feeFrom: 'provider', feeRateSatsPerVb }))
      const ask = async (tx: Transaction | string) => {
        const raw = typeof tx === 'string' ? tx : toHex(encodeTransaction(tx))
        await script.send({ type: 'close', raw })
        return await answerOf(script)
      }
      const withOutputs = (change: (outputs: readonly TxOutput[]) => TxOutput[]): Transaction => {
        const tx = made(paid)
        return { ...tx, outputs: change(tx.outputs) }
      }
      expect(await ask(made(funded.paid))).toMatchObject({ type: 'close-refused', code: 'not-ended' })
      await script.send({ type: 'end', code: 'stopped-by-provider', why: '', tick: 0, usage: NO_USAGE })
      const { paid } = await script.until('voucher')
      const elsewhere = { ...made(paid), inputs: [{ ...made(paid).inputs[0]!, vout: funding.vout + 1 }] }
      const differs: readonly (Transaction | string)[] = [
        '00ff',
        elsewhere,
        made(paid + 1n),
        made(paid - 1n),
        withOutputs(([back, payout]) => [
          { ...back!, value: back!.value - 1n },
          { ...payout!, value: payout!.value + 1n },
        ]),
        withOutputs(([back, payout]) => [{ ...back!, script: payout!.script }, payout!]),
        withOutputs(([back, payout]) => [payout!, back!]),
        withOutputs(([, payout]) => [payout!]),
        withOutputs(([back, payout]) => [
          back!,
          { ...payout!, value: payout!.value - 300n },
          { ...payout!, value: 300n },
        ]),
        { ...made(paid), lockTime: 5 },
        { ...made(paid), version: 1 },
        { ...made(paid), inputs: made(paid).inputs.map((input) => ({ ...input, sequence: 0xffffffff })) },
        { ...made(paid), inputs: [...made(paid).inputs, { ...made(paid).inputs[0]!, vout: funding.vout + 1 }] },
      ]
      for (const tx of differs) expect(await ask(tx)).toMatchObject({ type: 'close-refused', code: 'close-differs' })
      // Nobody would relay it, and it would hold up both.
      const free = withOutputs(([back, payout]) => [back!, { ...payout!, value: paid - 1n }])
      expect(await ask(free)).toMatchObject({ type: 'close-refused', code: 'close-fee' })
      expect(await rig.publisher.facts('channel.agreed')).toEqual([])

      const tx = cooperativeClose({ channels: [channel], paid, feeFrom: 'provider', feeRateSatsPerVb: 2 })
      const answer = await ask(bare(tx))
      if (answer.type !== 'close-signed') throw new Error(answer.why)
      const provider = signTogether(tx, 0, channel.params, keys.channel(0).secret, nativeCurve)
      const publisher = fromHex(answer.signatures[0]!)
      await rig.node.broadcast(joinTogether(tx, 0, channel.params, { publisher, provider }, nativeCurve))
      expect(await rig.mineUntil(rig.publisher.fact('lease.settled'))).toMatchObject({ paidSats: paid })
      // Asked again, as after a session that broke, the answer is the same.
      script.close()
    }),
  )

  /** What a publisher may do instead of signing. */
  const INSTEAD: Readonly<Record<string, (script: Script, raw: string) => Promise<unknown>>> = {
    'refuses it': (script) => script.send({ type: 'close-refused', code: 'close-differs', why: 'no' }),
    'says nothing': async () => {},
    'hangs up': async (script) => script.close(),
    'signs something else': (script) => script.send({ type: 'close-signed', signatures: ['11'.repeat(64)] }),
  }
  it.each(Object.entries(INSTEAD))(
    'is not needed: a publisher that %s is closed with by its newest voucher',
    (_, instead) =>
      inRig({ startPublisher: false }, async (rig) => {
        await actAsPublisher(rig, async (script, { leaseId, session }) => {
          if (session > 0) return
          const { sign, paid } = await paidFrom(rig, script, leaseId)
          await script.until('tick')
          await script.send({ type: 'notice', code: 'stopped-by-publisher' })
          const { tick } = await script.until('end')
          const last = paid + 100_000n
          await script.send({ type: 'voucher', tick, paid: last, signature: sign(last) })
          const { receipt } = await script.until('receipt')
          await script.send({ type: 'receipt', receipt, signature: '22'.repeat(64) })
          const { raw } = await script.until('close')
          await instead(script, raw)
          await script.rest()
        })
        await rig.publisher.rent()
        const closing = await rig.provider.fact<Closing>('channel.closing')
        expect(closing.together).toBeUndefined()
        expect(await rig.mineUntil(rig.provider.fact('lease.settled'))).toMatchObject({ paidSats: closing.paid })
        const { tx } = (await rig.node.transaction(closing.txid))!
        expect(hashTypes(tx)).toEqual([[SIGHASH.SINGLE | SIGHASH.ANYONECANPAY, SIGHASH.ALL]])
      })(),
  )
})

const answerOf = async (script: Script) => {
  for (;;) {
    const message = (await script.link.receive({ timeoutMs: 40_000 })) as { type: string }
    if (message.type === 'close-signed') return message as { type: 'close-signed'; signatures: string[] }
    if (message.type === 'close-refused') return message as { type: 'close-refused'; code: string; why: string }
  }
}
